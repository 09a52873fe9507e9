"""The style of a timeline's page. Its colours, those of Okabe and Ito, suit colour-blind people."""

STYLE = """
:root { --back: #fff; --text: #1b1c1f; --faint: #62646b; --line: #e2e3e7; --lane: #f6f6f8;
  --blue: #0072b2; --sky: #56b4e9; --green: #009e73; --orange: #e69f00; --yellow: #fbeab8;
  --red: #d55e00; --pink: #b3598c; --grey: #a3a5ac; --pale: #a9dccb; --rust: #f2a679;
  --bad: #b04a00; color-scheme: light dark; }
@media (prefers-color-scheme: dark) { :root { --back: #16171a; --text: #ececf0; --faint: #a0a2ab;
  --line: #303238; --lane: #1e2024; --blue: #4aa3dd; --sky: #9ad1f2; --yellow: #4f4013;
  --pink: #d98bb7; --red: #ee7a26; --pale: #1f5747; --rust: #8f3f05;
  --grey: #6d7079; --bad: #ff9a52; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 90rem; padding: 2rem 1.5rem 4rem; background: var(--back);
  color: var(--text); font: 15px/1.5 system-ui, sans-serif; overflow-wrap: break-word;
  -webkit-print-color-adjust: exact; print-color-adjust: exact; }
h1 { margin: 0; font-size: 1.7rem; line-height: 1.2; letter-spacing: -.01em; }
h2 { margin: 3rem 0 .5rem; font-size: 1.25rem; }
h3 { margin: 1.5rem 0 .25rem; font-size: .95rem; overflow-wrap: anywhere; }
p { margin: .25rem 0; }
.when, .rule, small, dt, .zone { color: var(--faint); }
.note { border-left: 3px solid var(--orange); padding-left: .6rem; margin: .6rem 0; }
.rule { font-size: .85rem; max-width: 45rem; }
.bad { color: var(--bad); font-weight: 600; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem 3rem; margin: 1.25rem 0 0; }
.figures dd { margin: 0; font-variant-numeric: tabular-nums; }
.figures dt + dd { font-size: 1.6rem; line-height: 1.3; }
.shares { display: flex; height: 2.25rem; border-radius: 4px; overflow: hidden;
  margin: .5rem 0 .75rem; }
.lane .shares { height: 1.25rem; margin: 0; }
.share { display: block; min-width: 2px; }
.shares .share + .share { border-left: 1px solid var(--back); }
.key { display: inline-block; width: .85rem; height: .85rem; margin-right: .5rem;
  border-radius: 2px; vertical-align: -.1rem; }
.share.air { background: var(--blue); } .share.rate-limit { background: var(--orange); }
.share.refused { background: var(--red); } .share.failed { background: var(--pink); }
.share.reports { background: var(--sky); } .share.own { background: var(--grey); }
.longest { margin: 0; padding-left: 1.25rem; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: .25rem 0 .5rem; padding: 0;
  list-style: none; font-size: .85rem; }
.legend svg { width: .9rem; height: .9rem; margin-right: .4rem; vertical-align: -.1rem; }
.axis, .lane { display: grid; grid-template-columns: 18.5rem minmax(0, 1fr); gap: 1rem; }
.axis { position: sticky; top: 0; background: var(--back); border-bottom: 1px solid var(--line);
  padding-top: .25rem; z-index: 1; font-size: .75rem; }
.zone { text-align: right; }
.ticks { position: relative; height: 1.4rem; color: var(--faint);
  font-variant-numeric: tabular-nums; overflow: hidden; }
.ticks span { position: absolute; padding-left: .25rem; border-left: 1px solid var(--line);
  white-space: nowrap; }
.ticks .last { color: transparent; }
.lane { align-items: start; border-bottom: 1px solid var(--line); padding: .35rem 0;
  break-inside: avoid; }
.lane svg { display: block; width: 100%; background: var(--lane); }
.label { min-width: 0; font-size: .85rem; line-height: 1.3; overflow-wrap: anywhere; }
.label b { display: block; font-weight: 600; } .label small { font-size: .75rem; }
.label span { white-space: nowrap; }
.tick { stroke: var(--line); vector-effect: non-scaling-stroke; fill: none; }
.answered { fill: var(--blue); } .refused-call { fill: var(--red); }
.failed-call { fill: var(--pink); }
.wait.rate-limit { fill: var(--yellow); }
.wait.refused { fill: var(--red); } .wait.failed { fill: var(--pink); }
.stream { fill: var(--line); } .stream.done { fill: var(--pale); }
.stream.failed { fill: var(--rust); } .stream.stopped { fill: var(--orange); }
.read-to { fill: none; stroke: var(--text); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
.reading { fill: transparent; } .reading:hover { fill: var(--text); }
.job { fill: var(--grey); } .job.submitted { fill: var(--sky); }
.job.processing { fill: var(--blue); } .job.finished { fill: var(--green); }
.job.failed-job { fill: var(--red); }
details { margin: .75rem 0; } summary { cursor: pointer; color: var(--faint); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem 1.25rem .25rem 0; text-align: left; border-bottom: 1px solid var(--line);
  white-space: nowrap; }
th { color: var(--faint); font-weight: 500; }
@media (max-width: 700px) { body { padding: 1rem; }
  .axis, .lane { grid-template-columns: minmax(0, 1fr); gap: .2rem; }
  .zone { display: none; } .ticks :is(.late, :nth-child(even)) { display: none; }
  .figures { gap: 1rem 2rem; } td:first-child { white-space: normal; min-width: 9rem; } }
@media print { .axis { position: static; } body { max-width: none; padding: 0; font-size: 12px; }
  summary { display: none; }
  details::details-content { content-visibility: visible; height: auto; } }
"""
