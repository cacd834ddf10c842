#include "reports/html/style.h"

namespace portlab::html {

namespace {

// Colours: a verdict is never told by its colour alone, and its text has a contrast above 4.5:1 on
// its ground in both schemes.
constexpr std::string_view kStyleSheet = R"css(
:root {
  color-scheme: light dark;
  --page: #fbfaf8; --card: #ffffff; --ink: #1d1f23; --soft: #5b6068; --line: #e0ddd6; --accent: #2b5c8a;
  --clean: #46505c; --clean-bg: #e9ecef; --contained: #17603a; --contained-bg: #dcf1e4;
  --degraded: #7a4b00; --degraded-bg: #fdebc8; --host_down: #9b1c1c; --host_down-bg: #fbdedb;
  --small: #2b5c8a; --large: #b0561a; --third: #6b3fa0; --grid: #e7e4dd;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15171a; --card: #1d2024; --ink: #e6e6e3; --soft: #9ea4ad; --line: #34383f; --accent: #86b7e6;
    --clean: #c3cad3; --clean-bg: #2d3238; --contained: #86dba8; --contained-bg: #163524;
    --degraded: #f4c66c; --degraded-bg: #3d2c0c; --host_down: #ff9e96; --host_down-bg: #4a1a1a;
    --small: #86b7e6; --large: #f0a266; --third: #c3a0f0; --grid: #2c3037;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
main, header.top, footer { max-width: 1240px; margin: 0 auto; padding: 0 24px; }
header.top { padding-top: 44px; }
footer { padding-top: 12px; padding-bottom: 40px; color: var(--soft); font-size: 14px; }
h1, h2, h3, h4 { line-height: 1.2; margin: 0; font-weight: 650; letter-spacing: -.01em; }
h1 { font-size: 17px; color: var(--soft); letter-spacing: 0; }
h2 { font-size: 25px; margin: 54px 0 10px; padding-top: 22px; border-top: 2px solid var(--ink); }
h3 { font-size: 20px; }
section > h3 { margin-top: 36px; }
.fault-section > h3 { margin-top: 0; }
h4 { font-size: 15px; }
p { margin: 8px 0; max-width: 74ch; }
a { color: var(--accent); text-underline-offset: 3px; }
code, pre, .key { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: .86em; }
.key { overflow-wrap: break-word; }
.soft { color: var(--soft); }
.small { font-size: 14px; }
.headline { font-size: clamp(27px, 4vw, 40px); line-height: 1.14; font-weight: 680; letter-spacing: -.02em;
  margin: 8px 0 20px; max-width: 31ch; }
.counts { display: flex; flex-wrap: wrap; gap: 16px; margin: 22px 0 14px; padding: 0; }
.count { flex: 1 1 320px; background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 16px 20px 18px; }
.count b { font-size: 40px; line-height: 1.1; font-weight: 680; letter-spacing: -.03em;
  font-variant-numeric: tabular-nums; }
.count svg { display: block; width: 100%; height: 12px; margin: 10px 0 8px; }
.badge { display: inline-block; white-space: nowrap; font-size: 13px; line-height: 1.5; font-weight: 600;
  padding: 1px 9px; border-radius: 20px; }
.clean { color: var(--clean); background: var(--clean-bg); }
.contained { color: var(--contained); background: var(--contained-bg); }
.degraded { color: var(--degraded); background: var(--degraded-bg); }
.host_down { color: var(--host_down); background: var(--host_down-bg); }
.none { color: var(--soft); background: transparent; border: 1px dashed var(--line); }
.unmet { color: var(--host_down); font-weight: 650; }
.met { color: var(--contained); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14.5px; }
caption { text-align: left; color: var(--soft); font-size: 14px; padding: 0 0 8px; }
th, td { text-align: left; vertical-align: top; padding: 7px 12px 7px 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; }
th[scope=row] { font-weight: 500; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; padding-right: 18px; }
.matrix { background: var(--card); border: 1px solid var(--line); border-radius: 10px; border-collapse: separate;
  border-spacing: 0; overflow: hidden; }
.matrix th, .matrix td { padding: 10px 14px; }
.matrix tr:last-child th, .matrix tr:last-child td { border-bottom: 0; }
.matrix thead th { color: var(--soft); font-size: 13.5px; border-bottom: 1px solid var(--line); }
.matrix td { border-left: 1px solid var(--line); }
.matrix .key { display: block; margin-top: 3px; color: var(--soft); font-size: 12.5px; }
.matrix .absent { color: var(--soft); }
.matrix tr.class th { background: var(--page); padding-top: 16px; font-size: 15px; font-weight: 650; }
.matrix tr.class .soft { font-weight: 400; font-size: 13.5px; }
.tallies { width: auto; margin-bottom: 18px; }
.tallies td { font-variant-numeric: tabular-nums; }
h3.class { margin-top: 44px; color: var(--soft); font-size: 17px; }
.matrix .fault { font-size: 13.5px; color: var(--soft); font-weight: 400; display: block; }
.fault-section { margin: 34px 0 0; padding-top: 20px; border-top: 1px solid var(--line); }
.fault-section > p { margin: 4px 0 12px; }
.modes { display: flex; flex-wrap: wrap; align-items: flex-start; gap: 18px; }
.modes .card { flex: 2 1 400px; }
.modes .card.in_vm { flex: 3 1 520px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px 18px;
  min-width: 0; }
.card h4 { margin-bottom: 6px; }
.facts { table-layout: fixed; font-size: 14px; }
.facts th, .facts td { padding: 6px 10px 6px 0; overflow-wrap: anywhere; }
.facts col.names { width: 108px; }
.facts thead th { color: var(--soft); font-weight: 500; font-size: 13px; }
.facts th[scope=row] { color: var(--soft); font-size: 13px; padding-top: 7px; }
.facts tr:last-child th, .facts tr:last-child td { border-bottom: 0; }
.bystander { display: block; margin-bottom: 5px; font-size: 13px; line-height: 1.35; }
.bystander svg { display: block; width: 100%; height: 7px; margin-top: 3px; }
pre { margin: 8px 0; padding: 10px 12px; background: var(--page); border: 1px solid var(--line); border-radius: 6px;
  overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.45; }
pre.command { user-select: all; }
details { margin-top: 8px; font-size: 14px; }
summary { cursor: pointer; color: var(--accent); }
.chart { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px;
  margin: 14px 0 18px; }
.chart svg { display: block; width: 100%; height: auto; }
.legend { display: flex; flex-wrap: wrap; gap: 6px 18px; padding: 0; margin: 12px 0; list-style: none; font-size: 14px; }
figure.latency { margin: 14px 0 4px; max-width: 620px; }
.latency figcaption { font-size: 13px; color: var(--soft); margin-bottom: 4px; }
.latency svg { display: block; width: 100%; height: auto; }
.latency ul { list-style: none; margin: 4px 0 0; padding: 0; font-size: 13px; }
.latency i { display: inline-block; width: 22px; margin-right: 7px; vertical-align: middle; border-top: 2px solid; }
.latency .line0 { color: var(--small); } .latency .line1 { color: var(--large); }
.latency .line2 { color: var(--third); }
svg .latency0, svg .latency1, svg .latency2 { fill: none; stroke-width: 1.5; stroke-linejoin: round; }
svg .latency0 { stroke: var(--small); } svg .latency1 { stroke: var(--large); } svg .latency2 { stroke: var(--third); }
svg .open { stroke-dasharray: 5 4; stroke-width: 2; }
svg .end0 { fill: var(--small); } svg .end1 { fill: var(--large); } svg .end2 { fill: var(--third); }
svg .trigger { stroke: var(--soft); stroke-dasharray: 2 3; }
svg text { font-family: inherit; fill: var(--ink); }
svg .tick { fill: var(--soft); }
svg .grid { stroke: var(--grid); }
svg .track { fill: var(--grid); }
svg .mark0, svg .gap { fill: var(--small); } svg .range0 { stroke: var(--small); }
svg .mark1 { fill: var(--large); } svg .range1 { stroke: var(--large); }
svg .silent, svg .bar-host_down { fill: var(--host_down); } svg .bar-degraded { fill: var(--degraded); }
svg .bar-contained { fill: var(--contained); } svg .bar-clean { fill: var(--soft); }
.swatch0::before, .swatch1::before { content: ""; display: inline-block; width: 11px; height: 11px; border-radius: 6px;
  background: var(--small); margin-right: 7px; }
.swatch1::before { background: var(--large); border-radius: 1px; }
dl.pairs { display: grid; grid-template-columns: max-content 1fr; gap: 4px 20px; font-size: 15px; margin: 12px 0; }
dl.pairs dt { color: var(--soft); }
dl.pairs dd { margin: 0; overflow-wrap: anywhere; }
@media print {
  :root { --page: #fff; --card: #fff; }
  body { font-size: 11pt; }
  main, header.top, footer { max-width: none; padding: 0; }
  .card, .count, .chart, tr, figure { break-inside: avoid; }
  h2, h3, h4 { break-after: avoid; }
  .badge, svg { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
)css";

}  // namespace

std::string_view StyleSheet() { return kStyleSheet; }

}  // namespace portlab::html
