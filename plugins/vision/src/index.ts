export {
  DetectionsType,
  EventType,
  FrameType,
  type Box,
  type Detection,
  type Detections,
  type Frame,
  type Severity,
  type VisionEvent,
  type ZoneHit,
  type ZoneShape,
} from './ports';
export { vision } from './plugin';
export { FfmpegLocator, type Ffmpeg } from './video/ffmpeg';
