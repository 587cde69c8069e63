import { SluiceError } from '@sluice/sdk';

/** HTTP status of each code that the API gives. What is not listed is a fault of the server: 500. */
const STATUS: Readonly<Record<string, number>> = {
  BODY_INVALID: 400,
  GRAPH_NAME_INVALID: 400,
  PATH_REFUSED: 400,
  REQUEST_INVALID: 400,
  TOKEN_INVALID: 401,
  TOKEN_MISSING: 401,
  HOST_REFUSED: 403,
  ORIGIN_REFUSED: 403,
  SCOPE_MISSING: 403,
  ACTION_UNKNOWN: 404,
  ASSET_UNKNOWN: 404,
  EDGE_UNKNOWN: 404,
  GRAPH_NOT_FOUND: 404,
  JOB_NOT_FOUND: 404,
  NODE_TYPE_UNKNOWN: 404,
  PORT_UNKNOWN: 404,
  PRESET_NOT_FOUND: 404,
  PREVIEW_NOT_FOUND: 404,
  QUEUE_UNKNOWN: 404,
  ROUTE_NOT_FOUND: 404,
  RUN_NOT_FOUND: 404,
  RUN_UNKNOWN: 404,
  SCOPE_UNKNOWN: 404,
  TOKEN_NOT_FOUND: 404,
  VERSION_NOT_FOUND: 404,
  REQUEST_TIMEOUT: 408,
  CONFLICT: 409,
  GRAPH_CHANGED: 409,
  JOB_CONFLICT: 409,
  PLAN_CHANGED: 409,
  RUN_ENDED: 409,
  RUNS_EXHAUSTED: 409,
  BODY_TOO_LARGE: 413,
  MEDIA_TYPE_UNKNOWN: 415,
  CONFIG_INVALID: 422,
  CONFIRMATION_MISSING: 422,
  GRAPH_INVALID: 422,
  INPUT_MISSING: 422,
  RATE_LIMITED: 429,
  HEADERS_TOO_LARGE: 431,
  AUDIT_UNWRITABLE: 503,
  NOT_READY: 503,
  STORE_BUSY: 503,
  PREVIEW_PENDING: 503,
  STREAMS_EXHAUSTED: 503,
};

/** What the framework calls it, and what we do. */
const FRAMEWORK: Readonly<Record<number, readonly [code: string, hint: string]>> = {
  400: ['BODY_INVALID', 'Send JSON as the body; where there is none, no content-type.'],
  404: ['ROUTE_NOT_FOUND', 'GET /api/v1/openapi.json describes all there is.'],
  413: ['BODY_TOO_LARGE', 'Send less at once: a body may have 1 MB.'],
  415: ['MEDIA_TYPE_UNKNOWN', 'Send application/json.'],
};
const BAD_ADDRESS = ['REQUEST_INVALID', 'What is no letter or digit is written as %XX in an address.'] as const;
const NOT_TAKEN = ['REQUEST_INVALID', 'GET /api/v1/openapi.json describes all there is.'] as const;

/** `error@1` over HTTP. */
export interface ErrorEnvelope {
  readonly ok: false;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly hint?: string;
    readonly details: unknown;
    readonly retryable: boolean;
    readonly request_id: string;
  };
  readonly correlation_id: string;
}

/** Status and envelope of a thrown value. What is not known to be meant for the reader is told as INTERNAL, without its text. */
export function answer(
  thrown: unknown,
  requestId: string,
  correlationId: string,
): { status: number; body: ErrorEnvelope; internal: boolean } {
  const error = translate(thrown);
  const status = STATUS[error.code] ?? 500;
  return {
    status,
    internal: status === 500,
    body: {
      ok: false,
      error: {
        code: error.code,
        message: error.message,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
        details: error.details ?? null,
        retryable: error.retryable || status === 503 || status === 429,
        request_id: requestId,
      },
      correlation_id: correlationId,
    },
  };
}

/** What the HTTP parser could not read, by its code. */
export function unreadable(code: string): SluiceError {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new SluiceError('REQUEST_TIMEOUT', 'The request took too long to arrive.', { retryable: true });
    case 'HPE_HEADER_OVERFLOW':
      return new SluiceError('HEADERS_TOO_LARGE', 'The address and the headers are longer than this server reads.');
    default:
      return new SluiceError('REQUEST_INVALID', 'This is no HTTP request.');
  }
}

/** What the framework's check of a request found. */
interface Refused {
  readonly code?: string;
  readonly statusCode?: number;
  readonly message?: string;
  readonly validationContext?: string;
  readonly validation?: readonly { readonly instancePath: string; readonly message?: string; readonly params?: unknown }[];
}

function translate(thrown: unknown): SluiceError {
  if (SluiceError.is(thrown)) return thrown;
  const { code: framework, statusCode, message, validation, validationContext } = thrown as Refused;
  if (validation !== undefined) {
    return new SluiceError('REQUEST_INVALID', message ?? 'The request is not what this route takes.', {
      hint: 'GET /api/v1/openapi.json describes it.',
      details: validation.map((issue) => ({
        in: validationContext,
        path: issue.instancePath,
        message: issue.message,
        params: issue.params,
      })),
    });
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    const [code, hint] = framework === 'FST_ERR_BAD_URL' ? BAD_ADDRESS : (FRAMEWORK[statusCode] ?? NOT_TAKEN);
    return new SluiceError(code, message ?? 'The request is not valid.', { hint });
  }
  return new SluiceError('INTERNAL', 'The server failed on this request.', { hint: 'Its log has the cause, under the request id.' });
}
