import { DETAIL_FONT, FACT_FONT, STATE_FONT } from './text-size.ts';

/**
 * The picture's own style sheet: everything is scoped to `.machine`, colours change with the reader's system. What
 * became of a move is told by its sign and its line as well as by its colour.
 */
export const machineStyle = `
.machine { --paper: #ffffff; --ink: #17212b; --soft: #55636f; --faint: #a3b0bc; --fill: #f3f6f9; --frame: #fafbfd; --taken: #0b62b8; --taken-fill: #e3effb; --possible: #8a5200; --refused: #a4262c; --current: #0b62b8; --current-ink: #ffffff; background: var(--paper); font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
@media (prefers-color-scheme: dark) { .machine { --paper: #10161d; --ink: #e8eef4; --soft: #a3b2c1; --faint: #54636f; --fill: #1b242e; --frame: #141b23; --taken: #6bb3ff; --taken-fill: #16304a; --possible: #f0b45a; --refused: #ff9c9c; --current: #6bb3ff; --current-ink: #08121c; } }
.machine text { text-anchor: middle; fill: var(--soft); }
.machine .inside text { text-anchor: start; }
.machine .line { fill: none; stroke: var(--faint); stroke-width: 1.4; }
.machine .arrow { fill: var(--faint); stroke: none; }
.machine .fact { font-size: ${FACT_FONT}px; }
.machine .detail { font-size: ${DETAIL_FONT}px; }
.machine .sign { display: none; font-weight: 700; }
.machine .group .frame { fill: var(--frame); stroke: var(--faint); stroke-width: 1.2; }
.machine .group .name { font-size: ${DETAIL_FONT + 1}px; font-weight: 600; text-anchor: start; letter-spacing: 0.06em; text-transform: uppercase; }
.machine .group.current .frame { stroke: var(--current); }
.machine .possible .line { stroke: var(--possible); stroke-width: 1.9; stroke-dasharray: 7 4; }
.machine .possible .arrow, .machine .possible .fact { fill: var(--possible); }
.machine .refused .line { stroke: var(--refused); stroke-width: 1.6; stroke-dasharray: 1.5 4; stroke-linecap: round; }
.machine .refused .arrow, .machine .refused .fact { fill: var(--refused); }
.machine .taken .line { stroke: var(--taken); stroke-width: 2; }
.machine .taken .arrow, .machine .taken .fact { fill: var(--taken); }
.machine .last .line { stroke: var(--taken); stroke-width: 4; }
.machine .last .arrow, .machine .last .fact { fill: var(--taken); }
.machine .last .fact { font-weight: 700; }
.machine .taken .sign-taken, .machine .last .sign-last, .machine .refused .sign-refused, .machine .possible .sign-possible { display: inline; }
.machine .state .body { fill: var(--fill); stroke: var(--faint); stroke-width: 1.4; }
.machine .state .inner { fill: none; stroke: var(--faint); stroke-width: 1; }
.machine .state .name { font-size: ${STATE_FONT}px; font-weight: 500; fill: var(--ink); }
.machine .state.initial .body { stroke-dasharray: 3 3; }
.machine .state.visited .body { fill: var(--taken-fill); stroke: var(--taken); }
.machine .state.visited .inner { stroke: var(--taken); }
.machine .state.current .body { fill: var(--current); stroke: var(--current); stroke-dasharray: none; }
.machine .state.current .inner { stroke: var(--current-ink); }
.machine .state.current text, .machine .state.current .fact { fill: var(--current-ink); }
.machine .state.current .name { fill: var(--current-ink); font-weight: 700; }
.machine .halo { fill: none; stroke: none; }
.machine .state.current .halo { stroke: var(--current); stroke-width: 2; opacity: 0.35; }
`;
