// Everything a reader of declarations needs and nothing that runs: safe in a browser.
export { type Catalogue, type JsonSchema, type NodeEntry, type NodeExample, type NodeKind, type PortEntry, type SourceMode } from './entry';
export { canonicalJson } from './canonical-json';
export { type Profile, profileFits, portTypeFits, ANY_TYPE } from './profile';
export { FORMATS, isFormat, type Format } from './formats';
export { parseDuration, parseSize, DURATION, SIZE } from './units';
export { SluiceError, type EffectState, type SluiceErrorInit } from './error';
