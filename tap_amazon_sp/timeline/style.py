"""The style of a timeline's page. Its colours, those of Okabe and Ito, suit colour-blind people."""

STYLE = """
:root { --back: #fff; --text: #1d1d1f; --faint: #6b6b70; --line: #e3e3e6; --lane: #f7f7f8;
  --blue: #0072b2; --sky: #56b4e9; --green: #009e73; --orange: #e69f00; --red: #d55e00;
  --pink: #cc79a7; --grey: #a3a3a8; color-scheme: light dark; }
@media (prefers-color-scheme: dark) { :root { --back: #17181a; --text: #ececee; --faint: #9c9ca3;
  --line: #303136; --lane: #1f2023; --blue: #4aa3dd; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 90rem; padding: 1.5rem; background: var(--back);
  color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.6rem; }
h2 { margin: 2.5rem 0 .5rem; font-size: 1.2rem; }
h3 { margin: 1rem 0 .25rem; font-size: 1rem; }
p { margin: .25rem 0; }
.note, .rule, small, dt { color: var(--faint); }
.note { border-left: 3px solid var(--orange); padding-left: .6rem; margin: .6rem 0; }
.rule { font-size: .85rem; max-width: 45rem; }
.figures { display: flex; flex-wrap: wrap; gap: .75rem 2.5rem; margin: 1rem 0 0; }
.figures dd { margin: 0; font-size: 1.35rem; font-variant-numeric: tabular-nums; }
.shares { display: flex; height: 2rem; border-radius: 4px; overflow: hidden; margin: .5rem 0; }
.share { display: block; min-width: 1px; }
.key { display: inline-block; width: .9rem; height: .9rem; margin-right: .5rem;
  border-radius: 2px; vertical-align: -.1rem; }
.share.air { background: var(--blue); } .share.rate-limit { background: var(--orange); }
.share.refused { background: var(--red); } .share.failed { background: var(--pink); }
.share.reports { background: var(--sky); } .share.own { background: var(--grey); }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: .25rem 0 .5rem; padding: 0;
  list-style: none; font-size: .85rem; }
.legend svg { width: .9rem; height: .9rem; margin-right: .4rem; vertical-align: -.1rem; }
.axis, .lane { display: grid; grid-template-columns: 17rem minmax(0, 1fr); gap: 1rem; }
.axis { position: sticky; top: 0; background: var(--back); border-bottom: 1px solid var(--line);
  z-index: 1; }
.ticks { position: relative; height: 1.4rem; font-size: .75rem; color: var(--faint);
  font-variant-numeric: tabular-nums; overflow: hidden; }
.ticks span { position: absolute; padding-left: .25rem; border-left: 1px solid var(--line);
  white-space: nowrap; }
.lane { align-items: start; border-bottom: 1px solid var(--line); padding: .3rem 0; }
.lane svg { display: block; width: 100%; background: var(--lane); }
.label { min-width: 0; font-size: .85rem; line-height: 1.3; overflow-wrap: anywhere; }
.label b { display: block; font-weight: 600; }
.tick { stroke: var(--line); vector-effect: non-scaling-stroke; fill: none; }
.answered { fill: var(--blue); } .refused-call { fill: var(--red); }
.failed-call { fill: var(--pink); }
.wait { opacity: .35; } .wait.rate-limit { fill: var(--orange); }
.wait.refused { fill: var(--red); } .wait.failed { fill: var(--pink); }
.stream { opacity: .35; fill: var(--grey); } .stream.done { fill: var(--green); }
.stream.failed { fill: var(--red); } .stream.stopped { fill: var(--orange); }
.read-to { fill: none; stroke: var(--text); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
.reading { fill: transparent; } .reading:hover { fill: var(--text); }
.read-to-key { fill: var(--text); }
.job { fill: var(--grey); } .job.submitted { fill: var(--sky); }
.job.processing { fill: var(--blue); } .job.finished { fill: var(--green); }
.job.failed-job { fill: var(--red); }
details { margin: .75rem 0; } summary { cursor: pointer; color: var(--faint); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem 1rem .2rem 0; text-align: left; border-bottom: 1px solid var(--line);
  white-space: nowrap; }
th { color: var(--faint); font-weight: 500; }
@media (max-width: 700px) { body { padding: 1rem; }
  .axis, .lane { grid-template-columns: minmax(0, 1fr); gap: .2rem; }
  .axis > :first-child { display: none; } .ticks span:nth-child(even) { display: none; }
  td { white-space: normal; } }
@media print { .axis { position: static; } body { max-width: none; } }
"""
