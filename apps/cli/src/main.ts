import { SluiceError } from '@sluice/sdk/catalogue';
import { CommanderError } from 'commander';
import { EXIT, exitOf } from './exit';
import { pluginPolicy } from './plugins';
import { makeProgram } from './program';
import { guardOutput } from './secrets';
import { chooseStore } from './store';
import { Terminal } from './terminal';

/** Runs the command line and ends the process with its exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  // A reader that has seen enough (`sluice ... | head`) is no fault.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failed));
  guardOutput();
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (thrown: unknown) => {
      terminalOf(argv).error(internal(thrown));
      process.exit(EXIT.failed);
    });
  }
  const code = await runCommand(argv);
  await Promise.all([process.stdout, process.stderr].map((stream) => new Promise<void>((done) => stream.write('', () => done()))));
  process.exit(code);
}

/** Runs one command and gives its exit code. */
export async function runCommand(argv: readonly string[]): Promise<number> {
  const terminal = terminalOf(argv);
  let code: number = EXIT.ok;
  chooseStore({ state: undefined, store: undefined });
  pluginPolicy.allowAll = argv.includes('--allow-all-plugins');
  pluginPolicy.report = ({ error }) => terminal.warn(error);
  if (pluginPolicy.allowAll)
    terminal.note(terminal.paint('red', 'WARNING: --allow-all-plugins: every package that sluice.config.yaml names is run.'));
  const program = makeProgram(terminal, (exit) => (code = exit));
  try {
    await program.parseAsync(argv.map(longForm), { from: 'user' });
    return code;
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      if (thrown.exitCode === 0) return EXIT.ok;
      if (terminal.json)
        terminal.error(new SluiceError('USAGE_INVALID', thrown.message.replace(/^error: /, ''), { hint: 'See `sluice --help`.' }));
      return EXIT.usage;
    }
    const error = SluiceError.is(thrown) ? thrown : internal(thrown);
    terminal.error(error);
    return exitOf(error);
  }
}

function terminalOf(argv: readonly string[]): Terminal {
  return new Terminal({ json: argv.includes('--json'), debug: argv.includes('--debug') });
}

/** What nobody foresaw: the message, and its stack only with --debug. */
function internal(thrown: unknown): SluiceError {
  return new SluiceError('INTERNAL', thrown instanceof Error ? thrown.message : String(thrown), {
    hint: 'This is a fault of Sluice. Run it again with --debug and report what it prints.',
    cause: thrown,
  });
}

/** `--restage-models` says the same as `--restage=models`. */
function longForm(argument: string): string {
  return argument.replace(/^--restage-(?=.)/, '--restage=');
}
