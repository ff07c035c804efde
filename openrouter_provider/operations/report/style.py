"""The look of the HTML report: light and dark, from a phone's width up."""

STYLE = """
:root { color-scheme: light dark;
  --page: #f5f6f8; --card: #ffffff; --text: #1b1f24; --muted: #57606a; --line: #d5dae1; --track: #e4e8ed;
  --ok: #1a7f4b; --high: #9a6400; --full: #b42318; --accent: #1f5fbf; }
@media (prefers-color-scheme: dark) { :root {
  --page: #0f1318; --card: #191f27; --text: #e8ebef; --muted: #a3adb9; --line: #313944; --track: #2b333e;
  --ok: #4cc38a; --high: #e8b04b; --full: #ff8a7a; --accent: #7fb0ff; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 1.25rem 1rem 3rem; background: var(--page); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  overflow-wrap: anywhere; -webkit-text-size-adjust: 100%; }
header, main, footer { max-width: 76rem; margin: 0 auto; }
h1 { margin: 0; font-size: 1.5rem; line-height: 1.25; }
h2 { margin: 2rem 0 .6rem; font-size: 1.25rem; line-height: 1.3; }
h3 { margin: 0; font-size: 1.1rem; line-height: 1.3; }
p { margin: .25rem 0; }
a { color: var(--accent); }
.muted, dt, footer { color: var(--muted); font-size: .875rem; }
.totals { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; margin: 1rem 0; }
.totals > div, article { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; }
.totals > div { padding: .6rem .9rem; }
.totals dd { font-size: 1.25rem; font-weight: 600; }
#attention ul { margin: 0; padding: .6rem .9rem .6rem 2rem; border-left: .3rem solid var(--full); border-radius: .3rem;
  background: var(--card); }
table { width: 100%; border-collapse: collapse; background: var(--card); border: 1px solid var(--line);
  font-size: .925rem; }
caption { text-align: left; padding-bottom: .35rem; }
th, td { padding: .35rem .6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th, tfoot th, tfoot td { background: var(--track); font-weight: 600; }
tbody th { font-weight: 400; min-width: 4.5rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
tr.full td, tr.gone td, tr.expired td { font-weight: 600; }
.scroll { overflow-x: auto; }
@media (max-width: 60rem) { .wide { display: none; } }
@media (max-width: 30rem) { table { font-size: .875rem; } th, td { padding: .3rem .25rem; } }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); gap: 1rem; }
article { padding: 1rem; min-width: 0; }
.head { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: baseline; justify-content: space-between; }
.badges { display: flex; flex-wrap: wrap; gap: .35rem; }
.badge { padding: .05rem .6rem; border: 1px solid currentColor; border-radius: 1rem; font-size: .8rem;
  font-weight: 600; white-space: nowrap; }
.badge.ok { color: var(--ok); } .badge.high { color: var(--high); } .badge.full { color: var(--full); }
.badge.plain { color: var(--muted); }
figure { margin: .8rem 0 0; }
figcaption { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; font-size: .925rem; }
figcaption strong { margin-left: auto; white-space: nowrap; }
svg { display: block; width: 100%; overflow: visible; }
svg.hidden { position: absolute; width: 0; height: 0; }
.bar { height: .9rem; margin: .35rem 0; }
.track { fill: var(--track); }
.fill.ok { fill: var(--ok); } .fill.high { fill: var(--high); } .fill.full { fill: var(--full); }
.hatch { stroke: var(--card); stroke-width: 2; stroke-opacity: .75; }
.limit-mark { stroke: var(--text); stroke-width: 2; }
.timeline { padding: 0 .5rem; }
.timeline svg { height: 1.6rem; }
.rail { stroke: var(--track); stroke-width: 4; stroke-linecap: round; }
.passed { stroke: var(--accent); stroke-width: 4; stroke-linecap: round; }
.start { fill: var(--accent); }
.due { fill: var(--card); stroke: var(--accent); stroke-width: 2; }
.overdue .passed { stroke: var(--full); } .overdue .due { stroke: var(--full); fill: var(--full); }
.now { fill: var(--text); stroke: var(--card); stroke-width: 2; }
.numbers { display: grid; grid-template-columns: repeat(auto-fit, minmax(6.5rem, 1fr)); gap: .5rem 1rem;
  margin: .9rem 0 0; }
dl { margin: 0; } dd { margin: 0; font-variant-numeric: tabular-nums; }
footer { margin-top: 1.5rem; }
@media print { body { background: none; } article, tr { break-inside: avoid; } }
"""
