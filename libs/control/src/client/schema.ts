// Made from the routes by libs/control/generate.mjs.

export interface paths {
  '/livez': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Whether the process answers. */
    get: operations['livez'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/readyz': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Whether it takes work: 503 while starting or draining.
     * @description It stays 200 while one run takes over from another with all its sources: what comes meanwhile waits, and is not refused.
     */
    get: operations['readyz'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/metrics': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Figures for Prometheus. */
    get: operations['metrics'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/health': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** How the process is, and why it is not ok. */
    get: operations['getHealth'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/session': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Who asks, and what they may. */
    get: operations['getSession'];
    put?: never;
    /**
     * Exchanges a token for a cookie: HttpOnly, SameSite=Strict.
     * @description The page that was opened with `#token=` sends it here and forgets it.
     */
    post: operations['openSession'];
    /** Forgets the session of this browser. */
    delete: operations['closeSession'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/tokens': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Tokens that are kept, never their secrets. */
    get: operations['listTokens'];
    put?: never;
    /** Makes a token. Its secret is shown this once. */
    post: operations['createToken'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/tokens/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /** Revokes a token, and the sessions that were opened with it. */
    delete: operations['revokeToken'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/runs': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Runs that go, and the last that ended. */
    get: operations['listRuns'];
    put?: never;
    /**
     * Starts a graph of the folder, or one that is given as text.
     * @description It answers at once: `state` is `starting` until all nodes are open; what keeps it from starting is in `reasons` and in the events.
     */
    post: operations['startRun'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/runs/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** A run with the live figures of its nodes and edges. */
    get: operations['getRun'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/runs/{id}/report': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The report of a run, as of now. */
    get: operations['getRunReport'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/runs/{id}/plan': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The plan that runs. */
    get: operations['getRunPlan'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/runs/{id}/series': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The last hour of a run, a point every five seconds. */
    get: operations['getRunSeries'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/runs/{id}/pause': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Takes nothing more from the sources until resumed. */
    post: operations['pauseRun'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/runs/{id}/resume': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Takes from the sources again. */
    post: operations['resumeRun'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/runs/{id}/drain': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Stops the sources and lets the rest flow out. */
    post: operations['drainRun'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/runs/{id}/stop': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Drains for two seconds, then drops what is left. */
    post: operations['stopRun'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/runs/{id}/cancel': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Fences a run, or one session or unit of it, at once.
     * @description What is fenced is refused everywhere from that moment on; what waits is dropped and counted.
     */
    post: operations['cancelRun'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/runs/{id}/nodes/{node}/reset-circuit': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Closes the circuit of a node by hand. */
    post: operations['resetCircuit'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/runs/{id}/nodes': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Live figures of the nodes of a run. */
    get: operations['listLiveNodes'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/runs/{id}/edges': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Live figures of the edges of a run. */
    get: operations['listLiveEdges'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/runs/{id}/tap': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Packets of an output as they pass, as server-sent events.
     * @description Looks on: it takes no credit and slows nothing. Messages: `packet` (`{ packet, seen, shown }`, the newest of its moment), `end` when the output ends or the limit is reached. Payloads are bounded: `$more`, `$cut` and `$bytes` stand where something is left out; pictures and sounds come as base64.
     */
    get: operations['tap'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/preview.jpg': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The newest picture of the first output that gives some. */
    get: operations['firstPicture'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/preview.mjpeg': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The same as a film. */
    get: operations['firstFilm'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/runs/{id}/nodes/{node}/{port}.jpg': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The newest picture of an output. */
    get: operations['getPicture'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/runs/{id}/nodes/{node}/{port}.mjpeg': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The pictures of an output as they come. */
    get: operations['getFilm'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/events': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What happens, and the live figures, as server-sent events.
     * @description Messages: `figures` (`{ runs: LiveRun[] }`, twice a second), `event` (`event@1`, with its cursor as id), `gap` (`{ missed }`). After a reconnect with the last cursor, each event that is kept comes once. Stacks of faults (`payload.details.stack`) are for the scope operate.
     */
    get: operations['streamEvents'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/events/recent': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Events that are kept, oldest first. */
    get: operations['listEvents'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/jobs': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Jobs, newest first. */
    get: operations['listJobs'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/jobs/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** A job with its progress, the end of its log, and its result. */
    get: operations['getJob'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/jobs/{id}/cancel': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Asks a job to end. */
    post: operations['cancelJob'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/audit': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The newest records that fit, oldest first. */
    get: operations['listAudit'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/audit/verify': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Whether each record is as it was written and follows the one before it. */
    get: operations['verifyAudit'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/policy': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Who may do what: read from the routes that there are. */
    get: operations['getPolicy'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/graphs': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Graphs of the folder. */
    get: operations['listGraphs'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/graphs/{name}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The text of a graph, its layout, and what the check says of it.
     * @description A name with folders has its / written as %2F.
     */
    get: operations['getGraph'];
    /** Saves the text of a graph as it is: comments and order stay. It may have errors. */
    put: operations['saveGraph'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/graphs/{name}/layout': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /** Saves where the nodes of a graph are drawn. */
    put: operations['saveLayout'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/graphs/validate': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Every finding on a graph, at once. */
    post: operations['validateGraph'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/graphs/plan': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** The checked and resolved form of a graph. */
    post: operations['planGraph'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/graphs/draw': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** A graph as text for Mermaid or Graphviz. */
    post: operations['drawGraph'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/graphs/diff': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** What differs between two graphs, by the ids of nodes and edges. */
    post: operations['diffGraphs'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/graphs/try': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Runs a graph to its end on given input, and gives what came out. */
    post: operations['tryGraph'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/graphs/{name}/versions': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Published versions of a graph, oldest first. */
    get: operations['listVersions'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/graphs/{name}/versions/{version}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The text of a version, as it was published. */
    get: operations['getVersion'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/graphs/{name}/diff': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** What differs between two versions, or a version and the text that is there. */
    get: operations['diffVersions'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/graphs/{name}/publish': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Makes the text that is there a version, which never changes. */
    post: operations['publishGraph'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/graphs/{name}/rollback': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Puts a published version back, and deploys it where asked: one call. */
    post: operations['rollbackGraph'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/graphs/{name}/deploy': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Checks, saves, publishes and runs a graph; one that runs is changed while it runs.
     * @description Ask with POST /api/v1/graphs/diff what will change, show it, and send `plan_hash` of what was shown: another plan is refused (PLAN_CHANGED). The job’s result says which nodes were kept and which replaced. A graph that does not run is started.
     */
    post: operations['deployGraph'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/schema': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** JSON Schema of graph files, with all node types. */
    get: operations['getGraphSchema'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/nodes': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** All node types: what the palette, forms and docs are made of. */
    get: operations['listNodeTypes'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/nodes/{pack}/{name}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** A node type. */
    get: operations['getNodeType'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/nodes/try': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Runs one node alone on given input, and gives what came out. */
    post: operations['tryNode'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/presets': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** All presets. */
    get: operations['listPresets'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/presets/{name}/validate': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Checks the graph of a preset with its parameters. */
    post: operations['validatePreset'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/presets/{name}/start': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Starts the graph of a preset. */
    post: operations['startPreset'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/assets': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** All assets of the lock file, and whether they are there. */
    get: operations['listAssets'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/assets/stage': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Fetches what is missing, verifies it, puts it in place. */
    post: operations['stageAssets'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/assets/verify': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Compares what is there with its checksums. */
    post: operations['verifyAssets'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/doctor/topics': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** What the doctor can look at. */
    get: operations['listDoctorTopics'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/doctor': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Looks at this machine: a job, whose result has the findings, each with its remedy. */
    post: operations['runDoctor'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/queues': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** All queues, durable edges among them. */
    get: operations['listQueues'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/queues/{name}/rows': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The first rows that fit, in their order, and what each waits for. Nothing is taken. */
    get: operations['peekQueue'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/queues/{name}/retry': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Lets rows be tried now: dead letters become rows again, at their old place.
     * @description Left out, all dead letters.
     */
    post: operations['retryQueue'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/queues/{name}/drop': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Deletes rows, for good.
     * @description Rows, a key or a state must be said, and the name of the queue once more in `confirm`.
     */
    post: operations['dropQueue'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/journal': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The newest rows that fit, oldest first. */
    get: operations['queryJournal'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/journal/verify': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Reads the whole journal: whether a row was changed or is missing.
     * @description The result of the job is the report.
     */
    post: operations['verifyJournal'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/records': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Runs on record, of this process and earlier ones, the newest last.
     * @description Only runs with a node whose durability is not none are on record.
     */
    get: operations['listRecords'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/records/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** A run on record, how its node runs ended, and those that need somebody. */
    get: operations['getRecord'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/actions': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What waits for a decision, the longest first.
     * @description Effects that began and of which nobody knows whether they happened: their process died, or the answer was lost.
     */
    get: operations['listActions'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/actions/decide': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Says whether an uncertain effect happened: then it is not done again, else it may be. */
    post: operations['decideAction'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/shutdown': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Drains the runs and ends the process. */
    post: operations['shutdown'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    /** Error */
    Error: {
      /** @enum {boolean} */
      ok: false;
      error: {
        code: string;
        message: string;
        hint?: string;
        details: unknown;
        retryable: boolean;
        request_id: string;
      };
      correlation_id: string;
    };
    /** Diagnostic */
    Diagnostic: {
      code: string;
      /** @enum {string} */
      severity: 'error' | 'warning' | 'info';
      message: string;
      file: string;
      line: number;
      column: number;
      path: string;
      node?: string;
      hint?: string;
      docs: string;
    };
    /** Endpoint */
    Endpoint: {
      node: string;
      port: string;
    };
    /** Port */
    Port: {
      type: string;
      /** @enum {string} */
      profile: 'inproc_any' | 'json_portable' | 'ref_portable';
      doc: string;
      optional?: boolean;
    };
    /** NodeType */
    NodeType: {
      type: string;
      /** @enum {string} */
      kind: 'source' | 'transform' | 'operator' | 'sink';
      /** @enum {string} */
      mode?: 'pull' | 'push' | 'pausable';
      /** @enum {string} */
      delivery?: 'boundary' | 'explicit';
      /** @description A source whose packets come from a store. */
      durable?: boolean;
      stateful?: boolean;
      summary: string;
      doc?: string;
      in: {
        [key: string]: {
          type: string;
          /** @enum {string} */
          profile: 'inproc_any' | 'json_portable' | 'ref_portable';
          doc: string;
          optional?: boolean;
        };
      };
      out: {
        [key: string]: {
          type: string;
          /** @enum {string} */
          profile: 'inproc_any' | 'json_portable' | 'ref_portable';
          doc: string;
          optional?: boolean;
        };
      };
      /** @description JSON Schema of the config: what validates it, and what a form is made of. */
      config: {
        [key: string]: unknown;
      };
      examples: {
        title: string;
        config: {
          [key: string]: unknown;
        };
      }[];
      plugin: string;
    };
    /** GraphSummary */
    GraphSummary: {
      name: string;
      file: string;
      description: string | null;
      sha256: string;
      /** Format: date-time */
      modified_at: string;
      nodes: number;
      edges: number;
      errors: number;
      warnings: number;
      /** @description The newest published version. */
      version: number | null;
      /** @description Whether the text is that of the newest version. */
      published: boolean;
      /** @description Runs of it that go. */
      runs: string[];
    };
    /** GraphVersion */
    GraphVersion: {
      version: number;
      sha256: string;
      plan_hash: string;
      /** Format: date-time */
      published_at: string;
      actor: string;
      note: string;
    };
    /** GraphVersionText */
    GraphVersionText: {
      version: number;
      sha256: string;
      plan_hash: string;
      /** Format: date-time */
      published_at: string;
      actor: string;
      note: string;
      text: string;
    };
    /**
     * Plan
     * @description The checked and resolved graph: nodes, edges, inputs, outputs, hash. Secrets are shown as ***.
     */
    Plan: {
      [key: string]: unknown;
    };
    /** PlanDiff */
    PlanDiff: {
      same: boolean;
      before: {
        name: string;
        hash: string;
      };
      after: {
        name: string;
        hash: string;
      };
      nodes: {
        id: string;
        type: string;
        /** @enum {string} */
        change: 'kept' | 'restarted' | 'added' | 'removed';
        differences: {
          path: string;
          before?: unknown;
          after?: unknown;
        }[];
      }[];
      edges: {
        id: string;
        /** @enum {string} */
        change: 'kept' | 'changed' | 'added' | 'removed';
        differences: {
          path: string;
          before?: unknown;
          after?: unknown;
        }[];
      }[];
      ports: {
        path: string;
        before?: unknown;
        after?: unknown;
      }[];
    };
    /** Run */
    Run: {
      id: string;
      graph: string;
      plan_hash: string;
      /** @enum {string} */
      state: 'starting' | 'running' | 'draining' | 'done';
      /** @enum {string} */
      status: 'ok' | 'degraded' | 'error';
      reasons: string[];
      /** Format: date-time */
      started_at: string;
      duration_ms: number;
      description?: string;
      /** @description Its graph in GET /graphs; null where it is not in the folder. */
      graph_name: string | null;
      correlation_id: string | null;
      previews: {
        node: string;
        port: string;
        url: string;
      }[];
    };
    /** RunDetail */
    RunDetail: {
      id: string;
      graph: string;
      plan_hash: string;
      /** @enum {string} */
      state: 'starting' | 'running' | 'draining' | 'done';
      /** @enum {string} */
      status: 'ok' | 'degraded' | 'error';
      reasons: string[];
      /** Format: date-time */
      started_at: string;
      duration_ms: number;
      description?: string;
      /** @description Its graph in GET /graphs; null where it is not in the folder. */
      graph_name: string | null;
      correlation_id: string | null;
      previews: {
        node: string;
        port: string;
        url: string;
      }[];
      nodes: components['schemas']['LiveNode'][];
      edges: components['schemas']['LiveEdge'][];
      delivery: {
        acked: number;
        nacked: number;
        cancelled: number;
      };
    };
    /** LiveNode */
    LiveNode: {
      id: string;
      type: string;
      kind: string;
      /** @enum {string} */
      state: 'starting' | 'ok' | 'failing' | 'ended' | 'closed' | 'stuck';
      consumed: number;
      produced: number;
      errors: number;
      p50_ms: number;
      p95_ms: number;
      p99_ms: number;
      busy: number;
      counters: {
        [key: string]: number;
      };
      /** @enum {string} */
      circuit?: 'closed' | 'open' | 'half_open';
      last_error?: {
        code: string;
        message: string;
        /** Format: date-time */
        at: string;
      };
      consumed_per_s: number;
      produced_per_s: number;
      errors_per_s: number;
    };
    /** LiveEdge */
    LiveEdge: {
      id: string;
      /** @enum {string} */
      when_full: 'block' | 'drop_newest' | 'drop_oldest' | 'latest' | 'fair' | 'error';
      lane: string;
      capacity: number;
      in: number;
      out: number;
      in_flight: number;
      peak: number;
      /** @description Packets that were dropped, by reason. */
      dropped: {
        [key: string]: number;
      };
      blocked_ms: number;
      from: string;
      to: string;
      in_per_s: number;
      out_per_s: number;
      dropped_per_s: number;
    };
    /** LiveRun */
    LiveRun: {
      id: string;
      graph: string;
      plan_hash: string;
      /** @enum {string} */
      state: 'starting' | 'running' | 'draining' | 'done';
      /** @enum {string} */
      status: 'ok' | 'degraded' | 'error';
      reasons: string[];
      /** Format: date-time */
      started_at: string;
      duration_ms: number;
      nodes: components['schemas']['LiveNode'][];
      edges: components['schemas']['LiveEdge'][];
      delivery: {
        acked: number;
        nacked: number;
        cancelled: number;
      };
    };
    /** RunReport */
    RunReport: {
      /** Format: date-time */
      ts: string;
      /** @enum {string} */
      status: 'ok' | 'degraded' | 'error';
      engine: string;
      graph: string;
      graph_version: number;
      plan_hash: string;
      duration_ms: number;
      metrics: {
        [key: string]: number;
      };
      reasons: string[];
    };
    /** Job */
    Job: {
      id: string;
      kind: string;
      target: string;
      /** @enum {string} */
      state: 'running' | 'done' | 'failed' | 'cancelled';
      progress: number | null;
      message: string;
      /** Format: date-time */
      started_at: string;
      /** Format: date-time */
      ended_at: string | null;
      actor: string;
      correlation_id: string | null;
      result: unknown;
      error: {
        code: string;
        message: string;
        hint?: string;
        details: unknown;
      } | null;
      log: string[];
    };
    /**
     * Event
     * @description `event@1`
     */
    Event: {
      /** @enum {integer} */
      v: 1;
      seq: number;
      cursor: string;
      /** @description `domain:entity:action` */
      event: string;
      entity: {
        kind: string;
        id: string;
      };
      /** Format: date-time */
      at: string;
      correlation_id: string | null;
      request_id: string | null;
      payload: unknown;
    };
    /** AuditRecord */
    AuditRecord: {
      event_id: string;
      /** Format: date-time */
      ts: string;
      actor: string;
      action: string;
      target: string;
      /** @enum {string} */
      status: 'ok' | 'denied' | 'error';
      reason: string;
      request_id: string;
      correlation_id: string;
      meta: {
        [key: string]: unknown;
      };
      prev: string;
      hash: string;
    };
    /** Token */
    Token: {
      id: string;
      name: string;
      /** @enum {string} */
      scope: 'read' | 'operate' | 'admin';
      /** Format: date-time */
      created_at: string;
      /** Format: date-time */
      expires_at: string | null;
    };
    /** Asset */
    Asset: {
      name: string;
      category: string;
      /** @enum {string} */
      state: 'missing' | 'staged' | 'shipped' | 'damaged';
      size: number;
      licence: string;
      origin: string;
    };
    /** Finding */
    Finding: {
      check: string;
      /** @enum {string} */
      state: 'ok' | 'warning' | 'failed';
      message: string;
      fix?: string;
    };
    /** Queue */
    Queue: {
      name: string;
      /** @description Rows that wait or are under way. */
      rows: number;
      bytes: number;
      retrying: number;
      /** @description Dead letters, which nobody takes any more. */
      dead: number;
      /** @description Keys that wait behind a dead letter. */
      parked: number;
      oldest_ms: number | null;
      next_try_ms: number | null;
      readers: number;
    };
    /** QueueRow */
    QueueRow: {
      row: number;
      /** @enum {string} */
      state: 'waiting' | 'retrying' | 'parked' | 'dead';
      /** @description What it waits for. */
      why: string;
      key: string;
      id: string;
      priority: number;
      attempts: number;
      /** @description Ms since the epoch, as all times here. */
      at: number;
      age_ms: number;
      due: number | null;
      error: string | null;
      bytes: number;
      kind: string;
      source_id: string;
      meta: {
        [key: string]: unknown;
      };
      payload?: unknown;
      damaged: boolean;
    };
    /** JournalRow */
    JournalRow: {
      seq: number;
      /** @description Ms since the epoch. */
      at: number;
      machine: string;
      entity: string;
      from_state: string | null;
      to_state: string;
      version: number;
      due_at: number | null;
      run: string | null;
      reason: string | null;
      actor: string;
      correlation: string | null;
      data: {
        [key: string]: unknown;
      };
      prev: string;
      hash: string;
    };
    /** Action */
    Action: {
      id: string;
      /** @enum {string} */
      kind: 'uncertain';
      state: string;
      run: string | null;
      graph: string;
      node: string;
      /** @description Ms since the epoch. */
      since: number;
      reason: string | null;
      links: {
        /** @description POST `{ id, happened, reason? }` there. */
        decide: string;
        /** @description Its run, as it is on record. */
        run: string | null;
      };
    };
    /** RecordedRun */
    RecordedRun: {
      id: string;
      state: string;
      at: number;
      graph: string;
      status?: string;
      reasons?: string[];
    };
    /** Entity */
    Entity: {
      machine: string;
      id: string;
      state: string;
      version: number;
      data: {
        [key: string]: unknown;
      };
      due_at: number | null;
      run: string | null;
      /** @description When it last changed, ms since the epoch. */
      at: number;
    };
    /** Preset */
    Preset: {
      name: string;
      description: string;
      /** @description File of its graph. */
      graph: string;
      /** @description Parameters of the graph; `default` is what holds where nothing is given. */
      params: {
        name: string;
        type: string;
        description?: string;
        default?: unknown;
        enum?: unknown[];
        minimum?: number;
        maximum?: number;
        secret?: boolean;
      }[];
      /** @description What must be staged. */
      assets: {
        name: string;
        there: boolean;
      }[];
    };
    /**
     * Packet
     * @description `packet@1`, bounded: `$more`, `$cut` and `$bytes` stand where something is left out.
     */
    Packet: {
      /** @enum {integer} */
      v: 1;
      packet_id: string;
      /** Format: date-time */
      ts: string;
      kind: string;
      source_id: string;
      payload: unknown;
      meta: unknown;
      seq?: number;
      scope?: string;
      epoch?: number;
      cause?: string;
    };
    /** Trial */
    Trial: {
      report: components['schemas']['RunReport'];
      /** @description First payloads of each output, as a tap shows them. */
      outputs: {
        [key: string]: unknown[];
      };
      /** @description How many came beyond those. */
      more: {
        [key: string]: number;
      };
      errors: {
        node: string;
        code: string;
        message: string;
      }[];
      timed_out: boolean;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  livez: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Whether the process answers. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  readyz: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Whether it takes work: 503 while starting or draining. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            status: string;
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  metrics: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Figures for Prometheus. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'text/plain; version=0.0.4': string;
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  getHealth: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description How the process is, and why it is not ok. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            /** @enum {string} */
            status: 'starting' | 'ok' | 'degraded' | 'error' | 'draining';
            reasons: string[];
            /** Format: date-time */
            started_at: string;
            uptime_s: number;
            security: {
              /** @enum {string} */
              mode: 'local' | 'token';
              local_mutations: boolean;
              actor: string;
              /** @enum {string|null} */
              scope: 'read' | 'operate' | 'admin' | null;
            };
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  getSession: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Who asks, and what they may. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            actor: string;
            /** @enum {string|null} */
            scope: 'read' | 'operate' | 'admin' | null;
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  openSession: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          token: string;
        };
      };
    };
    responses: {
      /** @description Exchanges a token for a cookie: HttpOnly, SameSite=Strict. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            actor: string;
            /** @enum {string|null} */
            scope: 'read' | 'operate' | 'admin' | null;
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  closeSession: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Forgets the session of this browser. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  listTokens: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Tokens that are kept, never their secrets. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            tokens: components['schemas']['Token'][];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  createToken: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          name: string;
          /**
           * @default read
           * @enum {string}
           */
          scope?: 'read' | 'operate' | 'admin';
          /** @description How long it holds, such as 30d; for ever where it is left out. */
          ttl?: string;
        };
      };
    };
    responses: {
      /** @description Makes a token. Its secret is shown this once. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            token: components['schemas']['Token'];
            secret: string;
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  revokeToken: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Revokes a token, and the sessions that were opened with it. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            token: components['schemas']['Token'];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  listRuns: {
    parameters: {
      query?: {
        state?: 'starting' | 'running' | 'draining' | 'done';
        graph?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Runs that go, and the last that ended. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            runs: components['schemas']['Run'][];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  startRun: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Its name in GET /api/v1/graphs. */
          graph?: string;
          /** @description YAML, in place of what the folder has. */
          text?: string;
          params?: {
            [key: string]: unknown;
          };
          /** @description Payloads of each input of the graph. */
          inputs?: {
            [key: string]: unknown[];
          };
        };
      };
    };
    responses: {
      /** @description Starts a graph of the folder, or one that is given as text. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            run: components['schemas']['Run'];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  getRun: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A run with the live figures of its nodes and edges. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            run: components['schemas']['RunDetail'];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  getRunReport: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The report of a run, as of now. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            report: components['schemas']['RunReport'];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  getRunPlan: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The plan that runs. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            plan: components['schemas']['Plan'];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  getRunSeries: {
    parameters: {
      query?: {
        /** @description Node or edge ids, with commas between. */
        id?: string;
        /** @description Of nodes consumed_per_s, produced_per_s, errors_per_s, p95_ms; of edges in_per_s, out_per_s, dropped_per_s, fill. With commas between. */
        metric?: string;
      };
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The last hour of a run, a point every five seconds. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            step_ms: number;
            lines: {
              /** @enum {string} */
              kind: 'node' | 'edge';
              id: string;
              metric: string;
              values: (number | null)[];
            }[];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  pauseRun: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Takes nothing more from the sources until resumed. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            run: components['schemas']['Run'];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  resumeRun: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Takes from the sources again. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            run: components['schemas']['Run'];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  drainRun: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /**
           * @description How long what is under way gets, such as 10s.
           * @default 10s
           */
          timeout?: string;
        } | null;
      };
    };
    responses: {
      /** @description Stops the sources and lets the rest flow out. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            job: components['schemas']['Job'];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  stopRun: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': Record<string, never> | null;
      };
    };
    responses: {
      /** @description Drains for two seconds, then drops what is left. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            job: components['schemas']['Job'];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  cancelRun: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Id of a session or unit; left out, the whole run. */
          scope?: string;
          reason?: string;
        } | null;
      };
    };
    responses: {
      /** @description Fences a run, or one session or unit of it, at once. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            job: components['schemas']['Job'];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  resetCircuit: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
        node: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Closes the circuit of a node by hand. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  listLiveNodes: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Live figures of the nodes of a run. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            nodes: components['schemas']['LiveNode'][];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  listLiveEdges: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Live figures of the edges of a run. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            edges: components['schemas']['LiveEdge'][];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  tap: {
    parameters: {
      query?: {
        node?: string;
        /** @description May be left out where the node has one output. */
        port?: string;
        /** @description Id of an edge, in place of node and port. */
        edge?: string;
        /** @description Packets a second at most. */
        hz?: number;
        /** @description Packets until it ends by itself. */
        limit?: number;
      };
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Packets of an output as they pass, as server-sent events. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'text/event-stream': string;
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  firstPicture: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The newest picture of the first output that gives some. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'image/jpeg': string;
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  firstFilm: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The same as a film. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'multipart/x-mixed-replace': string;
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  getPicture: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
        node: string;
        port: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The newest picture of an output. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'image/jpeg': string;
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  getFilm: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
        node: string;
        port: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The pictures of an output as they come. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'multipart/x-mixed-replace': string;
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  streamEvents: {
    parameters: {
      query?: {
        /** @description Where to go on: the cursor of the last event that was read. The header Last-Event-ID says the same. */
        cursor?: string;
        /** @description False leaves the figures out. */
        figures?: boolean;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What happens, and the live figures, as server-sent events. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'text/event-stream': string;
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  listEvents: {
    parameters: {
      query?: {
        /** @description Where to go on: the cursor of the last event that was read. The header Last-Event-ID says the same. */
        cursor?: string;
        limit?: number;
        /** @description Its name, or what it begins with: `control:job`. */
        event?: string;
        /** @description The id of its entity. */
        entity?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Events that are kept, oldest first. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            events: components['schemas']['Event'][];
            cursor: string;
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  listJobs: {
    parameters: {
      query?: {
        state?: 'running' | 'done' | 'failed' | 'cancelled';
        kind?: string;
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Jobs, newest first. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            jobs: components['schemas']['Job'][];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  getJob: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A job with its progress, the end of its log, and its result. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            job: components['schemas']['Job'];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  cancelJob: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Asks a job to end. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            job: components['schemas']['Job'];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  listAudit: {
    parameters: {
      query?: {
        limit?: number;
        since?: string;
        actor?: string;
        /** @description An action, or what it begins with: `run`. */
        action?: string;
        status?: 'ok' | 'denied' | 'error';
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The newest records that fit, oldest first. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            records: components['schemas']['AuditRecord'][];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  verifyAudit: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Whether each record is as it was written and follows the one before it. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            verified: {
              ok: boolean;
              records: number;
              files: number;
              /** @description Lines that a crash cut off. */
              torn: number;
              fault?: string;
            };
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  getPolicy: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Who may do what: read from the routes that there are. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            policy: {
              [key: string]: unknown;
            };
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  listGraphs: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Graphs of the folder. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            graphs: components['schemas']['GraphSummary'][];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  getGraph: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The text of a graph, its layout, and what the check says of it. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            graph: {
              name: string;
              file: string;
              text: string;
              sha256: string;
              layout: {
                [key: string]: unknown;
              } | null;
              /** Format: date-time */
              modified_at: string;
              valid: boolean;
              diagnostics: components['schemas']['Diagnostic'][];
              plan_hash: string | null;
              /** @description Parameters of the graph with their values and where those came from. */
              params: {
                [key: string]: {
                  [key: string]: unknown;
                };
              };
              version: number | null;
              runs: string[];
            };
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  saveGraph: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          text: string;
          /** @description SHA-256 of the text that was edited; null where there was none. Where another is there now, it is not saved: 409. */
          base?: string | null;
          /** @description Places of the nodes: kept beside the graph, in <name>.layout.json. */
          layout?: {
            [key: string]: unknown;
          } | null;
        };
      };
    };
    responses: {
      /** @description Saves the text of a graph as it is: comments and order stay. It may have errors. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            graph: {
              name: string;
              file: string;
              sha256: string;
              /** Format: date-time */
              modified_at: string;
              valid: boolean;
              diagnostics: components['schemas']['Diagnostic'][];
            };
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  saveLayout: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Places of the nodes: kept beside the graph, in <name>.layout.json. */
          layout: {
            [key: string]: unknown;
          } | null;
        };
      };
    };
    responses: {
      /** @description Saves where the nodes of a graph are drawn. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  validateGraph: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description A graph of the folder; with a text, where that lies. */
          name?: string;
          /** @description YAML, in place of what the folder has. */
          text?: string;
          /** @description Left out, those that what runs of the graph was given. */
          params?: {
            [key: string]: unknown;
          };
        };
      };
    };
    responses: {
      /** @description Every finding on a graph, at once. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            valid: boolean;
            diagnostics: components['schemas']['Diagnostic'][];
            plan_hash: string | null;
            /** @description Parameters of the graph with their values and where those came from. */
            params: {
              [key: string]: {
                [key: string]: unknown;
              };
            };
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  planGraph: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description A graph of the folder; with a text, where that lies. */
          name?: string;
          /** @description YAML, in place of what the folder has. */
          text?: string;
          /** @description Left out, those that what runs of the graph was given. */
          params?: {
            [key: string]: unknown;
          };
        };
      };
    };
    responses: {
      /** @description The checked and resolved form of a graph. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            plan: components['schemas']['Plan'];
            diagnostics: components['schemas']['Diagnostic'][];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  drawGraph: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description A graph of the folder; with a text, where that lies. */
          name?: string;
          /** @description YAML, in place of what the folder has. */
          text?: string;
          /** @description Left out, those that what runs of the graph was given. */
          params?: {
            [key: string]: unknown;
          };
          /**
           * @default mermaid
           * @enum {string}
           */
          format?: 'mermaid' | 'dot';
        };
      };
    };
    responses: {
      /** @description A graph as text for Mermaid or Graphviz. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            format: string;
            drawing: string;
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  diffGraphs: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          name?: string;
          before: {
            /** @description A graph of the folder; with a text, where that lies. */
            name?: string;
            /** @description YAML, in place of what the folder has. */
            text?: string;
            /** @description Left out, those that what runs of the graph was given. */
            params?: {
              [key: string]: unknown;
            };
            version?: number;
            /** @description What a run runs. */
            run?: string;
          };
          after: {
            /** @description A graph of the folder; with a text, where that lies. */
            name?: string;
            /** @description YAML, in place of what the folder has. */
            text?: string;
            /** @description Left out, those that what runs of the graph was given. */
            params?: {
              [key: string]: unknown;
            };
            version?: number;
            /** @description What a run runs. */
            run?: string;
          };
        };
      };
    };
    responses: {
      /** @description What differs between two graphs, by the ids of nodes and edges. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            diff: components['schemas']['PlanDiff'];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  tryGraph: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description A graph of the folder; with a text, where that lies. */
          name?: string;
          /** @description YAML, in place of what the folder has. */
          text?: string;
          /** @description Left out, those that what runs of the graph was given. */
          params?: {
            [key: string]: unknown;
          };
          /** @default {} */
          inputs?: {
            [key: string]: unknown[];
          };
          /**
           * @description Past it the trial is cancelled, ms.
           * @default 10000
           */
          timeout_ms?: number;
        };
      };
    };
    responses: {
      /** @description Runs a graph to its end on given input, and gives what came out. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            trial: components['schemas']['Trial'];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  listVersions: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Published versions of a graph, oldest first. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            versions: components['schemas']['GraphVersion'][];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  getVersion: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        name: string;
        version: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The text of a version, as it was published. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            version: components['schemas']['GraphVersionText'];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  diffVersions: {
    parameters: {
      query: {
        from: number;
        /** @description Left out, the text that is there. */
        to?: number;
      };
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What differs between two versions, or a version and the text that is there. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            diff: components['schemas']['PlanDiff'];
            before: string;
            after: string;
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  publishGraph: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          note?: string;
          /** @description SHA-256 of the text that was edited; null where there was none. Where another is there now, it is not saved: 409. */
          base?: string | null;
        } | null;
      };
    };
    responses: {
      /** @description Makes the text that is there a version, which never changes. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            version: components['schemas']['GraphVersion'];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  rollbackGraph: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          version: number;
          /** @default false */
          deploy?: boolean;
        };
      };
    };
    responses: {
      /** @description Puts a published version back, and deploys it where asked: one call. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            graph: {
              name: string;
              sha256: string;
              version: number;
            };
            job: components['schemas']['Job'] | null;
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  deployGraph: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Left out, the text that is there. */
          text?: string;
          /** @description SHA-256 of the text that was edited; null where there was none. Where another is there now, it is not saved: 409. */
          base?: string | null;
          /** @description Places of the nodes: kept beside the graph, in <name>.layout.json. */
          layout?: {
            [key: string]: unknown;
          } | null;
          note?: string;
          /** @description Left out, those that what runs of the graph was given. */
          params?: {
            [key: string]: unknown;
          };
          /** @description The plan that was confirmed. */
          plan_hash?: string;
        };
      };
    };
    responses: {
      /** @description Checks, saves, publishes and runs a graph; one that runs is changed while it runs. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            version: components['schemas']['GraphVersion'];
            diff: components['schemas']['PlanDiff'];
            job: components['schemas']['Job'];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  getGraphSchema: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description JSON Schema of graph files, with all node types. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            schema: {
              [key: string]: unknown;
            };
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  listNodeTypes: {
    parameters: {
      query?: {
        /** @description Words that type, kind or summary must have. */
        q?: string;
        kind?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description All node types: what the palette, forms and docs are made of. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            nodes: components['schemas']['NodeType'][];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  getNodeType: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        pack: string;
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A node type. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            node: components['schemas']['NodeType'];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  tryNode: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          type: string;
          /** @default {} */
          config?: {
            [key: string]: unknown;
          };
          /** @description What a graph says of a node beside its config: retry, timeout. */
          policies?: {
            [key: string]: unknown;
          };
          /** @default {} */
          inputs?: {
            [key: string]: unknown[];
          };
          /**
           * @description Past it the trial is cancelled, ms.
           * @default 10000
           */
          timeout_ms?: number;
        };
      };
    };
    responses: {
      /** @description Runs one node alone on given input, and gives what came out. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            trial: components['schemas']['Trial'];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  listPresets: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description All presets. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            presets: components['schemas']['Preset'][];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  validatePreset: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          params?: {
            [key: string]: unknown;
          };
        } | null;
      };
    };
    responses: {
      /** @description Checks the graph of a preset with its parameters. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            valid: boolean;
            diagnostics: components['schemas']['Diagnostic'][];
            plan_hash: string | null;
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  startPreset: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          params?: {
            [key: string]: unknown;
          };
          inputs?: {
            [key: string]: unknown[];
          };
        } | null;
      };
    };
    responses: {
      /** @description Starts the graph of a preset. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            run: components['schemas']['Run'];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  listAssets: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description All assets of the lock file, and whether they are there. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            assets: components['schemas']['Asset'][];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  stageAssets: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Left out, all. */
          names?: string[];
          /** @description Fetch again: true, or a category. */
          restage?: boolean | string;
          offline?: boolean;
        } | null;
      };
    };
    responses: {
      /** @description Fetches what is missing, verifies it, puts it in place. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            job: components['schemas']['Job'];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  verifyAssets: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Compares what is there with its checksums. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            job: components['schemas']['Job'];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  listDoctorTopics: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What the doctor can look at. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            topics: string[];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  runDoctor: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description A topic; left out, all that graphs need. */
          for?: string;
        } | null;
      };
    };
    responses: {
      /** @description Looks at this machine: a job, whose result has the findings, each with its remedy. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            job: components['schemas']['Job'];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  listQueues: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description All queues, durable edges among them. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            queues: components['schemas']['Queue'][];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  peekQueue: {
    parameters: {
      query?: {
        /** @description Dead letters are `dead`. */
        state?: 'waiting' | 'retrying' | 'parked' | 'dead';
        key?: string;
        /** @description Number of the row behind which to begin. */
        after?: number;
        limit?: number;
      };
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The first rows that fit, in their order, and what each waits for. Nothing is taken. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            rows: components['schemas']['QueueRow'][];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  retryQueue: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Numbers of rows, as they are listed. */
          rows?: number[];
          key?: string;
          /** @enum {string} */
          state?: 'waiting' | 'retrying' | 'parked' | 'dead';
        } | null;
      };
    };
    responses: {
      /** @description Lets rows be tried now: dead letters become rows again, at their old place. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            rows: number;
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  dropQueue: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Numbers of rows, as they are listed. */
          rows?: number[];
          key?: string;
          /** @enum {string} */
          state?: 'waiting' | 'retrying' | 'parked' | 'dead';
          /** @description The name of the queue. */
          confirm?: string;
        };
      };
    };
    responses: {
      /** @description Deletes rows, for good. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            rows: number;
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  queryJournal: {
    parameters: {
      query?: {
        /** @description run, node_run, timer ... */
        machine?: string;
        entity?: string;
        run?: string;
        actor?: string;
        correlation?: string;
        /** @description The state that was entered. */
        to?: string;
        since?: string;
        until?: string;
        /** @description Rows behind this one. */
        after?: number;
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The newest rows that fit, oldest first. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            rows: components['schemas']['JournalRow'][];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  verifyJournal: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Reads the whole journal: whether a row was changed or is missing. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            job: components['schemas']['Job'];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  listRecords: {
    parameters: {
      query?: {
        state?: string;
        graph?: string;
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Runs on record, of this process and earlier ones, the newest last. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            runs: components['schemas']['RecordedRun'][];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  getRecord: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A run on record, how its node runs ended, and those that need somebody. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            run: components['schemas']['Entity'];
            node_runs: {
              node: string;
              state: string;
              n: number;
            }[];
            open: {
              id: string;
              state: string;
            }[];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  listActions: {
    parameters: {
      query?: {
        run?: string;
        /** @description `next` of the page before. */
        after?: string;
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description What waits for a decision, the longest first. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            actions: components['schemas']['Action'][];
            /** @description Where the next page begins; null where this is the last. */
            next: string | null;
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  decideAction: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          id: string;
          happened: boolean;
          reason?: string;
        };
      };
    };
    responses: {
      /** @description Says whether an uncertain effect happened: then it is not done again, else it may be. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
            node_run: components['schemas']['Entity'];
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
  shutdown: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Drains the runs and ends the process. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            ok: true;
          };
        };
      };
      /** @description A fault. */
      default: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Error'];
        };
      };
    };
  };
}
