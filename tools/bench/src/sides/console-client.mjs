// Pages that listen to the events of a server, and ask it: `node console-client.mjs <url> <how many> <run>`; commands are lines of stdin.
import { Agent, get } from 'node:http';
import { createInterface } from 'node:readline';

const [url, count, run] = process.argv.slice(2);
const PATHS = [
  '/api/v1/runs',
  `/api/v1/runs/${run}`,
  `/api/v1/runs/${run}/edges`,
  '/api/v1/health',
  `/api/v1/runs/${run}/series`,
  '/metrics',
];
const agent = new Agent({ keepAlive: true });
const pages = [];
let frames = 0;

const connect = () =>
  new Promise((done, failed) => {
    const request = get(`${url}/api/v1/events`, (answer) => {
      if (answer.statusCode !== 200) failed(new Error(`events: ${answer.statusCode}`));
      answer.on('data', (chunk) => {
        for (let at = -1; (at = chunk.indexOf('event: figures', at + 1)) >= 0;) frames++;
      });
      answer.on('error', () => undefined);
      done(request);
    });
    request.on('error', () => undefined);
  });
const ask = (path) =>
  new Promise((done, failed) => {
    const began = performance.now();
    get(`${url}${path}`, { agent }, (answer) => {
      answer.resume();
      answer.on('end', () =>
        answer.statusCode === 200 ? done(performance.now() - began) : failed(new Error(`${path}: ${answer.statusCode}`)),
      );
    }).on('error', failed);
  });
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

say({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const [command, n] = line.split(' ');
  // Those that are connected stay so.
  if (command === 'connect') pages.push(...(await Promise.all(Array.from({ length: Number(count) - pages.length }, connect))));
  if (command === 'leave') for (const page of pages.splice(0)) page.destroy();
  const took = [];
  if (command === 'ask') for (let i = 0; i < Number(n); i++) took.push(await ask(PATHS[i % PATHS.length]));
  say({ took, frames });
  frames = 0;
}
for (const page of pages) page.destroy();
agent.destroy();
