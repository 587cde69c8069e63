export { setComment } from './comment';
export { setValue, unsetValue } from './edit';
export {
  addEdges,
  addNode,
  changeEdge,
  copyNodes,
  freeId,
  pasteNodes,
  removeEdges,
  removeNodes,
  renameNode,
  setConfig,
  type NewEdge,
  type NewNode,
} from './graph';
export { changed, historyOf, redone, undone, type History } from './history';
export { readGraph, type GraphBorder, type GraphEdge, type GraphModel, type GraphNode } from './model';
