const { Any, definePlugin, Doc, Node, port, SluiceError, to } = require('@sluice/sdk');
const { IsNumber, Min } = require('class-validator');

class LimitConfig {
  max = 50;
}
// In TypeScript these are decorators; they are functions, so JavaScript calls them.
for (const rule of [IsNumber(), Min(0), Doc('The highest speed that is no offence, km/h.')]) rule(LimitConfig.prototype, 'max');

class Limit {
  constructor(config) {
    this.config = config;
  }

  process({ payload }) {
    if (typeof payload?.kmh !== 'number') throw new SluiceError('SPEED_MISSING', 'The reading has no number `kmh`.', { retryable: false });
    const over = payload.kmh - this.config.max;
    if (over > 0) return to('fast', { ...payload, over });
    return to('fine', payload);
  }
}
Node({
  type: 'speed/limit',
  kind: 'transform',
  summary: 'Sends readings of a radar one way where they are too fast, another where they are not.',
  config: LimitConfig,
  in: { readings: port(Any, 'Readings with the field `kmh`.') },
  out: {
    fast: port(Any, 'Those above the limit, with `over`: by how much.'),
    fine: port(Any, 'The others.', { optional: true }),
  },
  examples: [{ title: 'In a village', config: { max: 30 } }],
})(Limit);

exports.speed = definePlugin({ name: 'speed', nodes: [Limit] });
