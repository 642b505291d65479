/** The page's look: light and dark by the reader's choice, narrow screens and paper. No fonts from elsewhere. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#f6f7f5;--card:#fff;--ink:#19211e;--muted:#5c6964;--line:#e1e6e3;--grid:#edf0ee;
--day:#d3dad6;--accent:#0f766e;--band:#0f766e26;--actual:#19211e;--good:#15803d;--warn:#b45309;--above:#b45309;--below:#0369a1;
--h0:#f0f6f4;--h1:#d8ebe6;--h2:#b9ddd5;--h3:#8fcabd;--h4:#f6d7a7;--h5:#eeb062;--h6:#dd8430;--h7:#b9560f}
@media(prefers-color-scheme:dark){:root{--bg:#0f1312;--card:#171d1b;--ink:#e6ebe9;--muted:#9aa7a2;--line:#2a3330;--grid:#212927;
--day:#35403c;--accent:#2dd4bf;--band:#2dd4bf2e;--actual:#f1f5f3;--good:#4ade80;--warn:#fbbf24;--above:#fbbf24;--below:#38bdf8;
--h0:#182320;--h1:#1b342f;--h2:#1d4a42;--h3:#1f6458;--h4:#6b4a17;--h5:#8f5d15;--h6:#b97718;--h7:#e79a2b}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1120px;margin:0 auto;padding:24px 20px 56px}
h1{font-size:1.6rem;line-height:1.2;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:0 0 4px}
p{margin:0 0 10px}
.lead,.note,caption,.legend,dt{color:var(--muted)}
.note,.legend{font-size:.875rem}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:18px 20px;margin-top:16px}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin-top:16px}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 16px}
.card b{display:block;font-size:1.5rem;font-weight:650;font-variant-numeric:tabular-nums;line-height:1.25}
.card span{color:var(--muted);font-size:.8125rem}
.verdict{border-left:5px solid var(--warn);font-size:1.02rem}
.verdict.yes{border-left-color:var(--good)}
.verdict p{margin:0}
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:16px}
.two section{min-width:0}
.wide{overflow-x:auto;margin:8px -4px 0;padding:0 4px 6px}
svg{display:block;width:100%;height:auto;font:11px system-ui,sans-serif}
.pan svg{width:auto;height:270px;max-width:none}
.heat svg{max-width:820px}.narrow svg{max-width:430px}
svg .grid{stroke:var(--grid)}svg .day{stroke:var(--day)}svg .zero{stroke:var(--ink);stroke-dasharray:3 3}
svg .tick{fill:var(--muted)}
svg .band{fill:var(--band)}
svg .actual{fill:none;stroke:var(--actual);stroke-width:1.4;stroke-dasharray:4 2.5}
svg .forecast{fill:none;stroke:var(--accent);stroke-width:2;stroke-linejoin:round}
svg .naive{fill:none;stroke:var(--muted);stroke-width:1.4;stroke-dasharray:4 2.5}
svg .first{fill:none;stroke:var(--above);stroke-width:1.4}
svg .mark{fill:var(--accent)}svg .alert{fill:var(--ink);opacity:.1}
svg .bar{fill:var(--accent)}svg .above{fill:var(--above)}svg .below{fill:var(--below)}
svg .cell{text-anchor:middle;font-size:10px;fill:var(--ink)}
svg .c7{fill:#fff}
@media(prefers-color-scheme:dark){svg .c6,svg .c7{fill:#14110a}}
.h0{fill:var(--h0)}.h1{fill:var(--h1)}.h2{fill:var(--h2)}.h3{fill:var(--h3)}.h4{fill:var(--h4)}.h5{fill:var(--h5)}.h6{fill:var(--h6)}.h7{fill:var(--h7)}
.key{display:inline-block;width:22px;height:0;vertical-align:middle;margin:0 4px 0 10px;border-top:2px solid var(--accent)}
.key:first-child{margin-left:0}
.k-actual{border-top:2px dashed var(--actual)}.k-band{height:12px;border:0;background:var(--band)}
.k-naive{border-top:2px dashed var(--muted)}.k-first{border-top-color:var(--above)}
.k-mark{width:auto;height:auto;border:0;color:var(--accent);font-size:.7rem}.k-alert{height:12px;border:0;background:var(--ink);opacity:.14}
.checks{list-style:none;padding:0;font-size:.9375rem}
.decided td:nth-child(2),.decided td:nth-child(3),.decided td:nth-child(4),.decided th:nth-child(-n+4){text-align:left}
.decided td:nth-child(4){white-space:normal;min-width:10rem}
.prose th{text-align:left;vertical-align:top}.prose td{white-space:normal;text-align:left;min-width:9rem;vertical-align:top}.prose td:last-child{white-space:nowrap}
table{border-collapse:collapse;width:100%;font-size:.875rem;font-variant-numeric:tabular-nums}
caption{text-align:left;font-size:.8125rem;padding-bottom:6px}
th,td{padding:5px 10px;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
th:first-child,td:first-child{text-align:left;padding-left:0}
thead th{color:var(--muted);font-weight:500}
tr.main th,tr.main td{font-weight:650}
tr.base th,tr.base td{color:var(--muted)}
tbody th{font-weight:500}
.meter{display:grid;grid-template-columns:minmax(110px,15rem) 1fr 4.5rem;gap:4px 12px;align-items:center;margin:0;font-size:.875rem}
.meter dt{color:var(--ink)}
.meter dd{margin:0;text-align:right;font-variant-numeric:tabular-nums}
.meter i{display:block;height:12px;border-radius:3px;background:var(--accent);min-width:1px}
.facts{display:grid;grid-template-columns:minmax(120px,max-content) 1fr;gap:4px 18px;margin:0;font-size:.875rem}
.facts dd{margin:0;overflow-wrap:anywhere}
ul{margin:6px 0 0;padding-left:20px}
details{margin-top:10px;font-size:.875rem}
summary{cursor:pointer;color:var(--muted)}
nav.pick{display:flex;flex-wrap:wrap;gap:8px;align-items:center;margin:8px 0}
nav.pick button,nav.pick select{font:inherit;color:inherit;background:var(--bg);border:1px solid var(--line);border-radius:7px;padding:5px 12px;min-height:36px}
nav.pick button:disabled{opacity:.4}
figure{margin:0}
figure+figure{margin-top:18px}
figcaption{font-size:.875rem;color:var(--muted);margin-bottom:2px}
footer{color:var(--muted);font-size:.8125rem;margin-top:20px}
@media(max-width:520px){main{padding:16px 12px 40px}section{padding:14px 14px}.cards{grid-template-columns:1fr 1fr;gap:8px}.card{padding:10px 12px}.card b{font-size:1.25rem}
.meter{grid-template-columns:minmax(90px,8rem) 1fr 3.6rem}.facts{grid-template-columns:1fr;gap:0}.facts dd{margin-bottom:8px}}
@media print{:root{color-scheme:light}body{background:#fff;font-size:11px}main{max-width:none;padding:0}section,.card{border-color:#ccc;break-inside:avoid}
nav.pick,details:not([open]){display:none}.days figure[hidden]{display:block!important}.wide{overflow:visible}.pan svg{width:100%;height:auto}.days section{break-inside:auto}figure{break-inside:avoid}}
`;

/** Shows one day of a set at a time, with buttons, a list and the arrow keys; without it all are shown. */
export const SCRIPT = `
for (const days of document.querySelectorAll('.days')) {
  const figures = [...days.querySelectorAll('figure')];
  const nav = document.createElement('nav');
  nav.className = 'pick';
  nav.setAttribute('aria-label', days.dataset.name ?? 'Day');
  const back = Object.assign(document.createElement('button'), { type: 'button', textContent: '←' });
  back.setAttribute('aria-label', 'Earlier');
  const on = Object.assign(document.createElement('button'), { type: 'button', textContent: '→' });
  on.setAttribute('aria-label', 'Later');
  const list = document.createElement('select');
  list.setAttribute('aria-label', 'Forecast from');
  figures.forEach((figure, i) => list.add(new Option(figure.dataset.day, i)));
  let shown = figures.length - 1;
  const show = (i) => {
    shown = Math.min(figures.length - 1, Math.max(0, i));
    figures.forEach((figure, k) => { figure.hidden = k !== shown; });
    list.selectedIndex = shown;
    back.disabled = shown === 0;
    on.disabled = shown === figures.length - 1;
  };
  back.onclick = () => show(shown - 1);
  on.onclick = () => show(shown + 1);
  list.onchange = () => show(list.selectedIndex);
  nav.append(back, list, on);
  figures[0].before(nav);
  show(shown);
}
for (const pan of document.querySelectorAll('.pan')) pan.scrollLeft = pan.scrollWidth;
`;
