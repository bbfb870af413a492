/** The views that are loaded together, because they are small, when the first one beyond the overview is shown. */
export { ContainerView } from './container.tsx';
export { DecisionsView } from './decisions.tsx';
export { PanelsView } from './panels.tsx';
export { ProcessesView } from './processes.tsx';
export { SimulationView } from './simulation.tsx';
