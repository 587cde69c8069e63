import { Doc, IsDuration, ms, Node, port, type Context, type Packet } from '@sluice/sdk';
import { IsInt, IsNumber, Max, Min } from 'class-validator';
import { DetectionsType, type Detections } from './ports';
import { Tracker, type Tracks } from './tracker';

export class TrackConfig {
  @IsNumber() @Min(0.01) @Max(1) @Doc('Least overlap (IoU) of a box with where its track was expected.') min_overlap = 0.15;
  @IsDuration() @Doc('A track that was not seen for longer is forgotten; media time.') max_lost = '2s';
  @IsInt() @Min(1) @Max(100) @Doc('Sightings before a track counts; what is seen less often is not passed on.') min_hits = 2;
}

@Node({
  type: 'vision/track',
  kind: 'transform',
  stateful: true,
  summary: 'Gives every object a number that it keeps from frame to frame.',
  doc: 'By overlap, motion and colours, class by class. Numbers count up from 1 and are the same for the same frames. Needs frames in order: leave `concurrency` at 1. With `durability: state` numbers go on after a restart.',
  config: TrackConfig,
  in: { detections: port(DetectionsType, 'Detections of one camera, in order.') },
  out: { detections: port(DetectionsType, 'Those that belong to a track, with `track_id`.') },
  examples: [{ title: 'People who vanish behind a pole for a while', config: { max_lost: '3s' } }],
})
export class TrackNode {
  private readonly tracker: Tracker;

  constructor(config: TrackConfig) {
    this.tracker = new Tracker({ minOverlap: config.min_overlap, maxLostMs: ms(config.max_lost), minHits: config.min_hits });
  }

  open({ state }: Context): void {
    const kept = state.get<Tracks>('tracks');
    if (kept !== undefined) this.tracker.restore(kept);
  }

  process({ payload }: Packet<Detections>, { state }: Context): Detections {
    const detections = this.tracker.update(payload.detections, payload.frame);
    state.set('tracks', this.tracker);
    return { ...payload, detections };
  }
}
