import { definePlugin } from '@sluice/sdk';
import { ContainerModule } from 'inversify';
import { AnnotateNode } from './annotate.node';
import { DetectNode } from './detect.node';
import { EventsNode } from './events.node';
import { EveryNthNode } from './every-nth.node';
import { Models, MODELS } from './inference/models';
import { MockDetectNode } from './mock-detect.node';
import { RtspNode } from './rtsp.node';
import { TrackNode } from './track.node';
import { VideoFileNode } from './video-file.node';
import { FFMPEG, FfmpegLocator } from './video/ffmpeg';
import { WebcamNode } from './webcam.node';
import { ZonesNode } from './zones.node';

/** Node types for video: sources, detection, tracks, zones, events, pictures. */
export const vision = definePlugin({
  name: 'vision',
  nodes: [VideoFileNode, RtspNode, WebcamNode, EveryNthNode, DetectNode, MockDetectNode, TrackNode, ZonesNode, EventsNode, AnnotateNode],
  module: new ContainerModule(({ bind, onDeactivation }) => {
    bind(FFMPEG)
      .toDynamicValue(() => new FfmpegLocator())
      .inSingletonScope();
    bind(MODELS)
      .toDynamicValue(() => new Models())
      .inSingletonScope();
    onDeactivation<Models>(MODELS, (models) => models.close());
  }),
});
