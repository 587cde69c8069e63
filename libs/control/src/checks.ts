import type { FastifyServerOptions } from 'fastify';

type Compiler = import('@fastify/ajv-compiler').BuildCompilerFromPool;
type Compile = ReturnType<Compiler>;
type Check = ReturnType<Compile>;

/** A check that is compiled when it is first asked. */
function compiledLater(compile: () => Check): Check {
  let check: Check | undefined;
  const asked = (data: unknown): unknown => {
    check ??= compile();
    const fits = check(data);
    (asked as Check).errors = check.errors ?? null;
    return fits;
  };
  return asked as Check;
}

const buildValidator: Compiler = (schemas, options) => {
  let compile: Compile | undefined;
  return (route) => compiledLater(() => (compile ??= ajv()(schemas, options))(route));
};

function ajv(): Compiler {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- nor is ajv loaded before somebody sends what must be checked
  return (require('@fastify/ajv-compiler') as typeof import('@fastify/ajv-compiler'))();
}

/**
 * How the routes' schemas are put to work. They are compiled when the first request needs them: there are more than a hundred, and most
 * servers see a few. Given here and not to `setValidatorCompiler`, which a context that adds schemas of its own does not see.
 */
export const routeChecks: NonNullable<FastifyServerOptions['schemaController']> = {
  compilersFactory: {
    buildValidator,
    // Shapes are checked by tests, not by rebuilding each answer: nothing that a schema forgot is lost on the way.
    buildSerializer: () => () => (data) => JSON.stringify(data),
  },
};
