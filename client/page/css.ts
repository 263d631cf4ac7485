/** The look of a page, light and dark. Every colour of words has a contrast of at least 4.5 to 1. */
export const css = `
:root {
  --page: #f6f5f2; --card: #ffffff; --ink: #1f2328; --quiet: #59626c; --rule: #dcdad4;
  --need: #4f86c6; --needed: #4f86c666; --limits: #b35900; --available: #1a7f37; --budget: #59626c;
  --floor: #c9302c; --near: #c9302c38; --good: #21793d; --bad: #c9302c; --gone: #8a9099; --going: #2f6fb5;
  --warn: #8a4b00; --code: #efede8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171b; --card: #1d2127; --ink: #e8e6e1; --quiet: #a2abb5; --rule: #343a42;
    --need: #6aa3e6; --needed: #6aa3e655; --limits: #f0a04b; --available: #58c776; --budget: #a2abb5;
    --floor: #ff7b72; --near: #ff7b7240; --good: #46b268; --bad: #f0625a; --gone: #7d8590; --going: #6aa3e6;
    --warn: #f0b36a; --code: #2a2f37;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1120px; padding: 1.5rem 1rem 3rem; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0.2rem 0; letter-spacing: -0.01em; }
.warn h1 { color: var(--warn); }
.well h1 { color: var(--good); }
h2 { font-size: 1.05rem; margin: 0 0 0.8rem; }
section { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 1.1rem 1.2rem; margin-top: 1rem; }
p { margin: 0.2rem 0; overflow-wrap: anywhere; }
ul { list-style: none; margin: 0; padding: 0; }
.quiet { color: var(--quiet); font-size: 0.9rem; }
code, pre { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 0.85rem; background: var(--code); border-radius: 5px; }
code { padding: 0.15rem 0.4rem; overflow-wrap: anywhere; }
pre { padding: 0.5rem 0.7rem; margin: 0.4rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(135px, 1fr)); gap: 0.7rem; margin-top: 1.2rem; }
.tiles li { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 0.7rem 0.9rem; color: var(--quiet); font-size: 0.85rem; line-height: 1.3; }
.tiles strong { display: block; color: var(--ink); font-size: 1.25rem; font-weight: 650; }
.failures li { border-left: 3px solid var(--bad); padding: 0.1rem 0 0.1rem 0.9rem; margin-top: 1rem; }
.failures li:first-child { margin-top: 0; }
.failures .mended { border-color: var(--good); }
.badge { color: var(--good); font-size: 0.85rem; font-weight: 600; }
.facts { margin: 0; overflow-wrap: anywhere; }
.facts dt { color: var(--quiet); font-size: 0.9rem; margin-top: 0.6rem; }
.facts dt:first-child { margin-top: 0; }
.facts dd { margin: 0.1rem 0 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; }
th, td { text-align: left; padding: 0.35rem 0.9rem 0.35rem 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
tbody tr:last-child > * { border-bottom: 0; }
thead th { color: var(--quiet); font-weight: 600; }
tbody th { font-weight: 600; overflow-wrap: anywhere; min-width: 8rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.chart { display: block; overflow: visible; }
.chart text { fill: var(--quiet); font-size: 11px; }
.chart .tick { text-anchor: middle; }
.chart .size, .chart .lane { paint-order: stroke; stroke: var(--card); stroke-width: 3px; }
.chart .lane { fill: var(--ink); font-size: 12px; }
.chart .end { fill: var(--bad); font-size: 15px; font-weight: 700; paint-order: stroke; stroke: var(--card); stroke-width: 3px; }
.chart .bar + .end { font-size: 11px; }
.grid { stroke: var(--rule); stroke-width: 1; }
path { vector-effect: non-scaling-stroke; fill: none; stroke-width: 1.6; }
.need { fill: var(--needed); stroke: var(--need); }
.limits { stroke: var(--limits); }
.available { stroke: var(--available); stroke-dasharray: 1 3; stroke-width: 2; stroke-linecap: round; }
.budget { stroke: var(--budget); stroke-dasharray: 7 4; }
.floor { stroke: var(--floor); stroke-dasharray: 3 3; }
.near { fill: var(--near); stroke: none; }
.bar.succeeded { fill: var(--good); }
.bar.failed { fill: var(--bad); }
.bar.cancelled { fill: var(--gone); }
.bar.running, .bar.queued { fill: var(--going); }
.legend { display: flex; flex-wrap: wrap; gap: 0.3rem 1.1rem; margin-top: 0.6rem; color: var(--quiet); font-size: 0.85rem; }
.legend li { display: flex; align-items: center; gap: 0.4rem; }
.courses { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 330px), 1fr)); gap: 1.6rem 2rem; }
.course { margin: 0; min-width: 0; }
figcaption { margin-bottom: 0.4rem; overflow-wrap: anywhere; }
@media (max-width: 480px) { body { padding: 1rem 0.6rem 2rem; } section { padding: 0.9rem 0.8rem; } h1 { font-size: 1.5rem; } }
@media print { section { break-inside: avoid; } }
`;
