export { shownPlan } from '@sluice/graph';
