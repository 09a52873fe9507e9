"use strict";
// Draws the charts, in the colours of the page's style; shows the currency that is chosen.
(() => {
  const specs = JSON.parse(document.getElementById("charts").textContent);
  const style = getComputedStyle(document.documentElement);
  const drawn = new Map();

  const coloured = (value) => {
    if (typeof value === "string" && value.startsWith("--")) {
      return style.getPropertyValue(value).trim() || value;
    }
    if (Array.isArray(value)) return value.map(coloured);
    if (value !== null && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([name, one]) =>
        // The rows of a chart are data: only what is around them names colours.
        [name, name === "values" ? one : coloured(one)]));
    }
    return value;
  };

  const config = (width) => coloured({
    background: null,
    font: "system-ui, sans-serif",
    view: { stroke: null },
    axis: {
      labelColor: "--faint", titleColor: "--faint", gridColor: "--line", domainColor: "--line",
      tickColor: "--line", labelFontSize: 12, titleFontSize: 12, titleFontWeight: 400,
    },
    legend: {
      labelColor: "--text", labelFontSize: 12, symbolType: "square", padding: 0, offset: 12,
      rowPadding: 4, columnPadding: 16, columns: width < 500 ? 2 : 4,
    },
    axisY: { labelLimit: width < 500 ? 130 : 220 },
    text: { fontSize: 12 },
    // The page describes each chart, and has its numbers in a table.
    aria: false,
  });

  const draw = async (name) => {
    const place = document.getElementById(`chart-${name}`);
    const spec = { ...coloured(specs[name]), width: "container" };
    const options = {
      // The policy of the page forbids code that is made from text.
      ast: true,
      actions: false,
      renderer: "svg",
      config: config(place.clientWidth),
      // Numbers are text already.
      tooltip: { theme: "custom" },
    };
    try {
      drawn.get(name)?.finalize();
      drawn.set(name, await vegaEmbed(place, spec, options));
      place.dataset.drawn = "yes";
    } catch (error) {
      place.textContent = "This chart cannot be drawn: its numbers are in the table below.";
      console.error(error);
    }
  };

  const show = (currency) => {
    for (const panel of document.querySelectorAll("[data-currency]")) {
      panel.hidden = currency !== null && panel.dataset.currency !== currency;
    }
    drawVisible();
  };

  const drawVisible = (again = false) => {
    for (const name of Object.keys(specs)) {
      const place = document.getElementById(`chart-${name}`);
      if (again) delete place.dataset.drawn;
      if (!place.closest("[hidden]") && !place.dataset.drawn) {
        place.dataset.drawn = "begun";
        draw(name);
      }
    }
  };

  const choice = document.getElementById("currencies");
  if (choice === null) {
    show(null);
  } else {
    choice.hidden = false;
    choice.addEventListener("change", (event) => show(event.target.value));
    show(choice.querySelector("input:checked").value);
  }
  for (const query of ["(prefers-color-scheme: dark)", "(max-width: 500px)"]) {
    matchMedia(query).addEventListener("change", () => drawVisible(true));
  }
})();
