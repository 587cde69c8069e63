import { definePlugin } from '@sluice/sdk';
import { QueueFetchNode } from './fetch.node';
import { QueueInNode } from './in.node';
import { QueueOutNode } from './out.node';
import { QueueStoreNode } from './store.node';

export { BytesRefType, type BytesRef } from './ref';

/** Named queues in the store of the engine, and bytes by reference. */
export const queue = definePlugin({ name: 'queue', nodes: [QueueInNode, QueueOutNode, QueueStoreNode, QueueFetchNode] });
