import { definePlugin } from '@sluice/sdk';
import { NumbersNode } from './numbers.node';
import { ScaleNode } from './scale.node';
import { TallyNode } from './tally.node';
import { TotalNode } from './total.node';

export const sample = definePlugin({ name: 'sample', nodes: [NumbersNode, ScaleNode, TallyNode, TotalNode] });
