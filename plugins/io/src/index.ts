import { definePlugin } from '@sluice/sdk';
import { BytesToRefNode } from './bytes-to-ref.node';
import { CsvInNode } from './csv-in.node';
import { HttpOutNode } from './http-out.node';
import { HttpSendNode } from './http-send.node';
import { JsonFilesOutNode } from './json-files-out.node';
import { JsonFilesWriteNode } from './json-files-write.node';
import { JsonlInNode } from './jsonl-in.node';
import { JsonlOutNode } from './jsonl-out.node';
import { JsonlWriteNode } from './jsonl-write.node';
import { RefToBytesNode } from './ref-to-bytes.node';

export { BytesRef } from './bytes-to-ref.node';

/** Nodes that read and write files and talk HTTP. */
export const io = definePlugin({
  name: 'io',
  nodes: [
    BytesToRefNode,
    CsvInNode,
    HttpOutNode,
    HttpSendNode,
    JsonFilesOutNode,
    JsonFilesWriteNode,
    JsonlInNode,
    JsonlOutNode,
    JsonlWriteNode,
    RefToBytesNode,
  ],
});
