import { configIssues, makeConfig } from '@sluice/sdk';
import { MockDetectConfig, MockDetectNode } from './mock-detect.node';
import { fakeContext, packet } from './testing/context';
import { frame } from './testing/frame';

const detect = (config: object, index: number) =>
  new MockDetectNode(makeConfig(MockDetectConfig, config)).process(packet(frame(index), 'frames'), fakeContext())?.detections;

describe('vision/mock-detect', () => {
  it('makes the same detection of the same frame', () => {
    expect(detect({}, 2)).toEqual([{ label: 'person', confidence: 0.75, bbox: { x1: 10, y1: 20, x2: 200, y2: 260 }, track_id: 2 }]);
    expect(detect({ bbox_dx: 5, bbox: { x1: 0, y1: 0, x2: 4, y2: 4 }, track_id: 9, label: 'car', confidence: 0.5 }, 3)).toEqual([
      { label: 'car', confidence: 0.5, bbox: { x1: 15, y1: 0, x2: 19, y2: 4 }, track_id: 9 },
    ]);
  });

  it('leaves frames out, by their number', () => {
    expect([0, 1, 2, 3, 4].map((i) => detect({ emit_every_n: 2 }, i)?.length)).toEqual([1, 0, 1, 0, 1]);
  });

  it('gives nothing on the others where that is asked, and says what events are to be made of it', () => {
    const config = { emit_every_n: 2, empty: false, event_type: 'FALL', severity: 'HIGH' };
    expect(detect(config, 1)).toBeUndefined();
    expect(detect(config, 2)).toMatchObject([{ event_type: 'FALL', severity: 'HIGH' }]);
  });

  it('takes a frame that was written in a graph by its frame_idx, and refuses what has no number', () => {
    const node = new MockDetectNode(makeConfig(MockDetectConfig, {}));
    expect(node.process(packet({ frame: null, frame_idx: 4 } as never, 'frames'), fakeContext())?.detections).toMatchObject([
      { track_id: 4 },
    ]);
    expect(() => node.process(packet({ frame_idx: '4' } as never, 'frames'), fakeContext())).toThrow(
      expect.objectContaining({ code: 'PACKET_UNFIT' }) as Error,
    );
  });

  it('refuses a track that is neither a number nor frame_idx', () => {
    expect(configIssues(MockDetectConfig, { track_id: 'x' })).toEqual([
      { path: 'track_id', message: 'track_id must be a whole number or frame_idx' },
    ]);
  });
});
