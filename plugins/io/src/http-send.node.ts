import { IsString } from 'class-validator';
import { Any, Doc, Node, port, type Context, type Packet } from '@sluice/sdk';
import { HttpOutConfig, HttpOutNode } from './http-out.node';

export class HttpSendConfig extends HttpOutConfig {
  @IsString() @Doc('Key in meta for `{ url, method, node_id }` of the request; empty adds none.') meta_key = 'http';
}

@Node({
  type: 'io/http-send',
  kind: 'transform',
  summary: 'Sends each packet as JSON to an HTTP address, like io/http-out, and passes it on when it was accepted.',
  doc: 'All that holds of io/http-out holds of it. The address in meta has neither user and password nor query. Counters `sent` and `refused`.',
  config: HttpSendConfig,
  in: { in: port(Any, 'Packets that JSON can carry.') },
  out: { out: port(Any, 'The same packets, with the address in meta.', { optional: true }) },
  examples: [{ title: 'Events to a service, then on', config: { url: 'http://127.0.0.1:8080/api/events' } }],
})
export class HttpSendNode {
  private readonly http: HttpOutNode;

  constructor(private readonly config: HttpSendConfig) {
    this.http = new HttpOutNode(config);
  }

  open(): void {
    this.http.open();
  }

  async process(packet: Packet, ctx: Context): Promise<Packet> {
    await this.http.write(packet, ctx);
    const { meta_key, method } = this.config;
    const meta = { [meta_key]: { url: this.http.shown, method, node_id: ctx.node } };
    return meta_key === '' ? packet : packet.with(packet.payload, { ...packet.meta, ...meta }, packet.kind);
  }

  close(): Promise<void> {
    return this.http.close();
  }
}
