import { definePlugin } from '@sluice/sdk';
import { AnomalyNode } from './anomaly.node';
import { BurstNode } from './burst.node';
import { CountNode } from './count.node';
import { DedupNode } from './dedup.node';
import { DelayNode } from './delay.node';
import { DiscardNode } from './discard.node';
import { EchoNode } from './echo.node';
import { FilterNode } from './filter.node';
import { IdentityNode } from './identity.node';
import { InitialValueNode } from './initial-value.node';
import { IntervalNode } from './interval.node';
import { JoinNode } from './join.node';
import { MapNode } from './map.node';
import { MergeNode } from './merge.node';
import { PrintNode } from './print.node';
import { SampleNode } from './sample.node';
import { ScheduleNode } from './schedule.node';
import { ScoreNode } from './score.node';
import { SwitchNode } from './switch.node';
import { ValuesNode } from './values.node';
import { WindowNode } from './window.node';

export { AnomalyEvent, type Decision } from './anomaly.node';
export { Tick } from './interval.node';
export { MomentType, type Moment } from './schedule.node';
export { Score } from './score.node';
export { WindowFigures } from './window.node';

/** Generic nodes: sources of values and ticks, routing, sampling, windows, anomalies, printing. */
export const core = definePlugin({
  entry: __filename,
  name: 'core',
  nodes: [
    AnomalyNode,
    BurstNode,
    CountNode,
    DedupNode,
    DelayNode,
    DiscardNode,
    EchoNode,
    FilterNode,
    IdentityNode,
    InitialValueNode,
    IntervalNode,
    JoinNode,
    MapNode,
    MergeNode,
    PrintNode,
    SampleNode,
    ScheduleNode,
    ScoreNode,
    SwitchNode,
    ValuesNode,
    WindowNode,
  ],
});
