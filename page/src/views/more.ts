/** What is fetched with the first view beyond the overview: together they are small. */
export { ContainerView } from './container.tsx';
export { DecisionsView } from './decisions.tsx';
export { PanelsView } from './panels.tsx';
export { ProcessesView } from './processes.tsx';
