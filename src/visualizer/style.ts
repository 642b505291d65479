import { EFFECT_FONT, FACT_FONT, STATE_FONT } from './text-size.ts';

/** The picture's own style sheet: everything is scoped to `.machine`, colours change with the reader's system. */
export const machineStyle = `
.machine { --paper: #ffffff; --ink: #17212b; --soft: #5c6b7a; --faint: #a9b5c0; --fill: #f2f5f8; --taken: #0b6bcb; --taken-fill: #dcebfb; --possible: #9a5a00; --current: #0b6bcb; --current-ink: #ffffff; background: var(--paper); font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
@media (prefers-color-scheme: dark) { .machine { --paper: #10161d; --ink: #e8eef4; --soft: #9fb0c0; --faint: #51606f; --fill: #1b242e; --taken: #6bb3ff; --taken-fill: #17324d; --possible: #f0b45a; --current: #6bb3ff; --current-ink: #08121c; } }
.machine text { text-anchor: middle; fill: var(--soft); }
.machine .line { fill: none; stroke: var(--faint); stroke-width: 1.4; }
.machine .arrow { fill: var(--faint); stroke: none; }
.machine .plate { fill: var(--paper); stroke: none; }
.machine .fact { font-size: ${FACT_FONT}px; }
.machine .effect { font-size: ${EFFECT_FONT}px; opacity: 0.85; }
.machine .possible .line { stroke: var(--possible); stroke-width: 1.8; stroke-dasharray: 6 4; }
.machine .possible .arrow { fill: var(--possible); }
.machine .possible .fact { fill: var(--possible); }
.machine .taken .line { stroke: var(--taken); stroke-width: 2.6; }
.machine .taken .arrow { fill: var(--taken); }
.machine .taken .fact { fill: var(--taken); font-weight: 600; }
.machine .state .body { fill: var(--fill); stroke: var(--faint); stroke-width: 1.4; }
.machine .state .inner { fill: none; stroke: var(--faint); stroke-width: 1; }
.machine .state .name { font-size: ${STATE_FONT}px; font-weight: 500; fill: var(--ink); }
.machine .state.initial .body { stroke-dasharray: 3 3; }
.machine .state.visited .body { fill: var(--taken-fill); stroke: var(--taken); }
.machine .state.visited .inner { stroke: var(--taken); }
.machine .state.current .body { fill: var(--current); stroke: var(--current); stroke-dasharray: none; }
.machine .state.current .inner { stroke: var(--current-ink); }
.machine .state.current text { fill: var(--current-ink); }
.machine .state.current .name { fill: var(--current-ink); font-weight: 700; }
`;
