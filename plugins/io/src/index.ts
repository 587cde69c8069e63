import { definePlugin } from '@sluice/sdk';
import { CsvInNode } from './csv-in.node';
import { HttpOutNode } from './http-out.node';
import { JsonFilesOutNode } from './json-files-out.node';
import { JsonlInNode } from './jsonl-in.node';
import { JsonlOutNode } from './jsonl-out.node';

/** Nodes that read and write files and talk HTTP. */
export const io = definePlugin({ name: 'io', nodes: [CsvInNode, HttpOutNode, JsonFilesOutNode, JsonlInNode, JsonlOutNode] });
