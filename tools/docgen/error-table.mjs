// What the codes mean that the check of a graph does not give; those are in libs/graph/src/codes.ts. One entry per code:
// what happened, and what to do about it where the message says nothing more exact.
export const GROUPS = {
  'Running a graph': {
    BUDGET_SPENT: ['A unit of work, or a node with a `budget`, has used it up.', 'Raise the budget, or do less.'],
    CANCELLED: ['Work was cancelled while it was under way.', 'Nothing, where the cancel was meant; the message says who cancelled.'],
    CIRCUIT_OPEN: [
      'A node failed so often in a row that it is not called for a while.',
      'Find out why it fails: its earlier errors say so. It tries again by itself after `reset`; `run.resetCircuit(node)` closes it by hand.',
    ],
    CONFIG_INVALID: [
      'The config of a node, or an option in a program, does not hold.',
      'Correct the value that is named. `sluice validate` names file, line and column of those in a graph.',
    ],
    EDGE_FULL: [
      'An edge with `when_full: error` is full, so its sender got this error.',
      'Raise its capacity, make its reader faster, or choose another `when_full`. A second try may succeed.',
    ],
    DEAD_LETTER: ['The dead letter of a run failed while it took a packet.', 'Look at its own error; the packet went back to its source.'],
    EDGE_DURABLE: [
      'An edge is durable, and the engine has no store to keep it in, or its `when_full` is none that a queue can have.',
      'Give the engine a store (`createEngine({ store })`; the command has one), use block, drop_oldest, drop_newest or error, or remove `durable`.',
    ],
    EDGE_LOOP_FULL: [
      'A cycle is full and cannot move: it gives out more than it takes in.',
      'Let the loop give out less than it takes in, or make one of its edges lossy.',
    ],
    GRAPH_CONTRACT: [
      'The inputs or outputs of a graph are not those that the program declares.',
      'Change the `inputs` and `outputs` of the graph, or the `contract` in the program.',
    ],
    GRAPH_INVALID: [
      'A graph has errors and was not started; each is listed with its own code.',
      'Correct what is listed, then check with `sluice validate`.',
    ],
    GRAPH_NOT_FOUND: ['There is no graph at this path.', 'Give the path of a `.yaml` file; a relative one starts at the working folder.'],
    HOP_LIMIT: ['A packet has been round a cycle more often than is allowed.', 'Let something on the cycle end it, or raise `max_hops`.'],
    JOIN_INCOMPLETE: [
      'A join waited for packets of all its inputs, and some did not come.',
      'Where that may happen, say `late: fire` or `late: evict`; else find out why the branch that is named gave nothing.',
    ],
    NODE_CLOSE: ['A node failed while it was closed.', 'The run is over; the message says what it could not let go.'],
    NODE_FAILED: [
      'A node threw an error that has no code of its own.',
      'The message is that of the error. Connect its `error` port, or give it a `retry`, where such failures are to be expected.',
    ],
    NODE_NOT_DECLARED: [
      'A class is used as a node and has no declaration.',
      'Put `@Node({ ... })` above the class, or call `Node({ ... })(Class)`.',
    ],
    NODE_OPEN: ['A node did not open, so the run did not start.', 'The message says what it lacks; `sluice doctor` looks at this machine.'],
    NODE_OUTPUT: [
      'A node gave a payload to a port that it does not have, or to none where it has several.',
      'Use `to(port, payload)` with one of its outputs.',
    ],
    NODE_OUTPUT_INVALID: [
      'What a node gave does not fit the schema of its output, which is a checked one.',
      'The message names field and reason: correct the node, or the schema of the port type.',
    ],
    NODE_OVERRUN: [
      'A node pushed far more packets than its edge holds, and cannot be asked to wait.',
      'Return an iterable instead of an Observable, or make the edge lossy.',
    ],
    NODE_PLACEMENT: ['A node cannot run where its `placement` says.', 'Remove its `placement`, or do what the message says.'],
    NODE_TIMEOUT: ['A call of a node took longer than its `timeout`.', 'Raise the timeout, or find out why it is slow.'],
    NODE_UNKNOWN: ['No plugin of this engine has the node type.', 'Add its plugin to `createEngine({ plugins })`.'],
    NODE_WORKER: [
      'The worker thread of a node ended or could not start.',
      'The message and the log say why; it is not known whether the call under way had its effect.',
    ],
    PACKET_NOT_PORTABLE: [
      'A value is to be written as JSON and holds something that JSON cannot carry.',
      'Send plain data: texts, finite numbers, true, false, null, lists and mappings.',
    ],
    PLUGIN_INVALID: [
      'A plugin is not declared as one.',
      'Each node type is named `<plugin>/<name>`, once, and the module of a plugin binds at once.',
    ],
    PORT_SCHEMA: [
      'An output is to be checked, and there is no schema to check it by, or one that says more than the check understands.',
      'Give the port type a class or a schema of types, properties, bounds and lists; or leave the port unchecked.',
    ],
    RUN_STALLED: [
      'Packets wait and nothing can move them: two branches wait for each other, or a merge in turn for a branch that gives less than its sibling.',
      'Raise the capacity of the edge that is full, or make it lossy; a merge may go by arrival.',
    ],
    SERVICE_FAILED: [
      'A service that a node needs, or the constructor of the node, failed.',
      'The message is that of the service: correct what it lacks.',
    ],
    SERVICE_MISSING: [
      'A node needs a service that nobody provides.',
      'Bind its token in your container, or give `createEngine({ services: [provide(TOKEN, value)] })`.',
    ],
    SESSION_CLOSED: [
      'A unit was to join a session that is closed.',
      'Ask for the session again with `ctx.session(id)`: that opens it anew.',
    ],
    SOURCE_FAILED: [
      'A source threw an error that has no code of its own.',
      'The message is that of the error. With `retry` the source is started again.',
    ],
    UNIT_EXISTS: ['There is a unit with this id already.', 'Give each unit an id of its own.'],
    UNIT_STATE: [
      'A unit was told to do what its state does not allow.',
      'A unit goes from proposed to open to committed or aborted, once.',
    ],
  },
  'The command line': {
    DEMO_FAILED: [
      'A scenario of `sluice demo` did not show what it is to show.',
      'The facts and the log of its steps are in the report that it wrote.',
    ],
    DEMO_SKIPPED: [
      'A scenario of `sluice demo` needs something that is not there.',
      'The message names it; `sluice doctor` says how to get it.',
    ],
    DEMO_STEP_FAILED: [
      'A command that `sluice demo` ran did not end well, and gave no code of its own.',
      'The end of its log is in the report; run the command that is named there by itself.',
    ],
    GRAPH_IS_FOLDER: ['The path is a folder, and one graph is wanted.', 'Name one graph in it; `sluice validate` takes a folder.'],
    GRAPH_UNREADABLE: ['The file of a graph cannot be read.', 'Check who may read the file.'],
    INPUT_NOT_JSON: ['A line of standard input is not JSON.', 'Write one JSON value per line.'],
    INPUT_UNKNOWN: [
      'A line of standard input does not say for which input of the graph it is.',
      'Write `{"input": "<name>", "payload": ...}`.',
    ],
    INPUT_UNREADABLE: ['Standard input broke off.', 'Check what is piped in.'],
    INTERNAL: [
      'Something happened that Sluice did not foresee.',
      'This is a fault of Sluice. Run it again with `--debug` and report what it prints.',
    ],
    NODE_TOO_OLD: ['The Node that runs this is too old.', 'Get Node 20.19 or newer from https://nodejs.org.'],
    NODE_TYPE_UNKNOWN: ['There is no node type of this name.', '`sluice nodes list` shows all.'],
    OUTPUT_NOT_WRITTEN: [
      'What a graph gave out could not be written to standard output.',
      'An output must be something that JSON can hold, and its reader must keep running.',
    ],
    IMPORT_UNKNOWN: [
      'A file is no graph of a dialect that Sluice can read.',
      'Read are graphs of version 2 that list their nodes with `id` and `plugin`; others are written by hand.',
    ],
    OUT_EXISTS: ['The file that was to be written is there already.', 'Choose another file with `--out`, or add `--force`.'],
    OUT_NOT_WRITABLE: ['The file that was asked for cannot be written.', 'Choose another file with `--out`.'],
    PRESET_INVALID: ['A preset is not written as one.', 'Write a graph with `params`, or `graph: <file>` and `params: { ... }`.'],
    PRESET_NOT_FOUND: [
      'There is no preset of this name.',
      '`sluice presets list` shows all; those of a project are files `graphs/presets/<name>.yaml`.',
    ],
    RUN_NOT_STARTED: [
      'The graph is right, and its run did not start.',
      'The message names what failed; `sluice doctor` looks at this machine.',
    ],
    SCAFFOLD_REFUSED: [
      'A generator was asked for a name that cannot be, or for files that are there already with other text; it wrote nothing.',
      'Do what the message says.',
    ],
    USAGE_INVALID: ['The command was not given as it wants to be.', '`sluice <command> --help` shows how.'],
  },
  'Plugins and sluice.config.yaml': {
    CONFIG_FILE_INVALID: [
      '`sluice.config.yaml` is not written as it wants to be.',
      'Its keys are `version: 1`, `plugins` and `allow_plugins`.',
    ],
    PLUGIN_CONFLICT: ['Two plugins have node types of the same pack.', 'Load one of the two.'],
    PLUGIN_FAILED: [
      'The code of a plugin threw while it was loaded, or exports no plugin. Everything else works without it.',
      'Ask `sluice plugins check <package>`; the message is that of the plugin.',
    ],
    PLUGIN_NOT_ALLOWED: [
      'A package is named in `plugins`, and `allow_plugins` has neither it nor its scope, so none of its code was run.',
      'Add the package or its scope to `allow_plugins` if you trust it. A name that merely begins the same is another package.',
    ],
    PLUGIN_NOT_FOUND: ['A plugin that is asked for is not installed.', 'Run `npm install` where it is named.'],
    PLUGIN_VERSION: [
      'A plugin is not of the versions that are asked for, or was made for another version of Sluice.',
      'Install a version that fits, or change the range.',
    ],
  },
  'The HTTP API': {
    RUN_NOT_REPLACED: [
      'A run cannot be changed while it runs: it is starting or ending, or a program feeds its inputs.',
      'Drain it, then start the other plan.',
    ],
    AUDIT_DAMAGED: [
      'A record of the audit was changed, or one is missing.',
      'Compare the file with a copy from elsewhere; find out who could write it.',
    ],
    AUDIT_UNWRITABLE: [
      'The audit file cannot be written, so nothing may be changed.',
      'Make room on the disk, or give the server the right to write its state folder.',
    ],
    CONFIRMATION_MISSING: ['Something was to be deleted for good, and that was not confirmed.', 'Send the name of the queue in `confirm`.'],
    DEPLOY_FAILED: [
      'A graph was deployed and a node of it could not open. What ran before was let go on, with the nodes that had not changed.',
      'The message names the node and why; correct the graph, then deploy it again. `details.run` is the run that goes on.',
    ],
    EDGE_UNKNOWN: ['A run has no edge of this id.', '`GET /api/v1/runs/:id/edges` lists them.'],
    GRAPH_CHANGED: ['A graph was changed by somebody else since it was read.', 'Read it again, put your change on top, then save.'],
    GRAPH_NAME_INVALID: ['This is no name of a graph.', 'Use letters, digits, `-` and `_`, with `/` between folders.'],
    INPUT_MISSING: ['A graph has inputs, and nothing was given for some of them.', 'Give each a list of payloads in `inputs`.'],
    JOB_CONFLICT: ['A job of this kind is under way already, or too many are.', 'Wait for it, or cancel it.'],
    JOB_FAILED: ['A job failed with an error that has no code of its own.', 'Its message and its log say why.'],
    JOB_NOT_FOUND: ['There is no job of this id, or it ended long ago.', '`GET /api/v1/jobs` lists them.'],
    ORIGIN_REFUSED: [
      'A page of another site called this server.',
      'Open its own page, or start it with `--allow-origin` and the address of that page.',
    ],
    PATH_REFUSED: [
      'A name leads out of the folder that it is to be in.',
      'Name what is in the folder; links that lead out of it are not followed.',
    ],
    PLAN_CHANGED: ['What is to be deployed is not what was confirmed.', 'Look at the difference again, then confirm it.'],
    RATE_LIMITED: ['Too many requests came from one address in a minute.', 'Ask again when the time that is named has passed.'],
    ROUTE_UNGUARDED: ['A route that changes something does not say who may call it, so it was not added.', 'Give it a `config.guard`.'],
    RUNS_EXHAUSTED: ['As many runs as are allowed at one time go already.', 'Stop one first.'],
    RUN_ENDED: ['A run has ended, and can no longer be paused or stopped.', 'Start its graph again.'],
    SCOPE_MISSING: ['The token does not allow this.', 'Make one with `sluice token new --scope operate` or `--scope admin`.'],
    SCOPE_UNKNOWN: ['A run has no session or unit of this id; it may have ended.', 'The events of the run name those that are open.'],
    SERVER_NOT_REACHED: ['Nothing answers at the address of the server.', 'See whether it runs; `sluice serve` says where.'],
    SERVER_NOT_RUNNING: ['No server runs from this folder.', 'Start one with `sluice serve`, or name another with `--url`.'],
    SERVER_NOT_STOPPED: ['A server was asked to end and still answers.', 'End its process with `kill`, twice to end at once.'],
    SERVE_NOT_STARTED: ['The server in the background did not become ready.', 'Its log, which is named, says why.'],
    TOKENS_UNREADABLE: ['The file of tokens cannot be read.', 'Restore it, or remove it and make new tokens with `sluice token new`.'],
    TOKEN_INVALID: [
      'The token is not known, has expired, or was revoked.',
      'Make one with `sluice token new`, or open the link that `sluice serve` prints now.',
    ],
    TOKEN_MISSING: [
      'This needs a token, and none was sent.',
      'Open the link that `sluice serve` printed, or send `Authorization: Bearer` with a token from `sluice token new`.',
    ],
    TOKEN_NOT_FOUND: ['There is no token of this id or name.', '`sluice token list` shows all.'],
    VERSION_DAMAGED: ['A published version is not what was published.', 'Restore its file from a backup.'],
    VERSION_NOT_FOUND: ['A graph has no version of this number.', '`GET /api/v1/graphs/:name/versions` lists them.'],
    HEADERS_TOO_LARGE: [
      'The address and the headers of a request are longer than this server reads.',
      'Send less in the address and the headers.',
    ],
    REQUEST_TIMEOUT: ['A request took too long to arrive.', 'Send it again; where it is slow by design, send it in parts.'],
    BODY_INVALID: ['The body of a request is not valid.', 'Send valid JSON with its content type.'],
    BODY_TOO_LARGE: ['The body of a request is too large.', 'Send less at once.'],
    HOST_NOT_LOCAL: [
      'The server was to listen where others can reach it, and there is no token.',
      'Make a token with `sluice token new`, or leave `--host` out.',
    ],
    HOST_REFUSED: [
      'A request names a host that this server does not answer to.',
      'Open it as `http://127.0.0.1` or `http://localhost`, with its port.',
    ],
    LISTEN_FAILED: ['The server could not listen at this address.', 'See that the address is one of this machine.'],
    MEDIA_TYPE_UNKNOWN: ['The body of a request is of a type that is not read.', 'Send `application/json`.'],
    NOT_READY: ['The graph is starting or draining.', 'Ask again in a moment, or send work to another instance.'],
    PORT_BUSY: ['Another program has this port.', 'Stop that program, or take another port with `--port`; `--port 0` takes any free one.'],
    PORT_REFUSED: ['This user may not open this port.', 'Take a port above 1023 with `--port`.'],
    PREVIEW_NOT_FOUND: [
      'No output of this name gives pictures.',
      'Add a node with an output of the type `sluice/image@1`, such as `vision/annotate`.',
    ],
    PREVIEW_PENDING: ['There is no picture yet.', 'Ask again in a second; `/api/v1/runs` says whether the source gives frames.'],
    REQUEST_INVALID: ['A request is not valid.', 'Correct what the message names.'],
    ROUTE_NOT_FOUND: ['There is nothing at this path.', '`GET /api/v1/openapi.json` describes all there is.'],
    RUN_NOT_FOUND: ['There is no run of this id.', '`GET /api/v1/runs` lists them.'],
    STREAMS_EXHAUSTED: ['Too many pages or programs watch this server, or it is closing.', 'Close one that watches, or try again later.'],
  },
  Assets: {
    ASSET_ABORTED: ['Staging was interrupted. What was complete stays, nothing is half-written.', 'Stage again to get the rest.'],
    ASSET_CATEGORY_UNKNOWN: ['No asset is of this category.', '`sluice assets list` shows them.'],
    ASSET_CHECKSUM: [
      'What was fetched is not what the lock file names. It was refused, and what was there stays.',
      'The origin has changed or was tampered with: check it before you change the lock file.',
    ],
    ASSET_LOCK_INVALID: [
      'The lock file has faults; each is named with its line.',
      'Mend the lines, or restore the file from version control.',
    ],
    ASSET_LOCK_NOT_FOUND: ['The lock file cannot be read.', 'Run the command in the folder that has `assets.lock.yaml`, or name the file.'],
    ASSET_LOCK_VERSION: [
      'The lock file has a version that this Sluice does not read.',
      'Update Sluice, or restore the file from version control.',
    ],
    ASSET_NETWORK: ['The origin of an asset was not reached, or broke off.', 'Check the network, then stage again; what is staged stays.'],
    ASSET_OFFLINE: [
      'An asset is only to be had over the network, and `--offline` was given.',
      'Stage once without `--offline`; npm keeps what it fetched.',
    ],
    ASSET_ORIGIN: ['The origin of an asset does not have it.', 'Check the origin in the lock file, and the settings of npm.'],
    ASSET_SHIPPED_DAMAGED: [
      'An asset that ships in a plugin is missing or changed.',
      'Install the plugin again, or rebuild the asset as its recipe says.',
    ],
    ASSET_TOOL_MISSING: [
      'npm does not start; it fetches the packages that assets come from.',
      'It comes with Node; see that `npm --version` answers.',
    ],
    ASSET_UNKNOWN: ['The lock file has no asset of this name.', '`sluice assets list` shows them.'],
    ASSET_WRITE: [
      'An asset could not be written.',
      'Check the rights and the room of the folder, or set `SLUICE_HOME` to one of your own.',
    ],
  },
  'Machines and the journal': {
    ACTION_UNKNOWN: [
      'Nothing of this id is on record, so there is nothing to decide about.',
      '`sluice actions list` shows what waits for a decision.',
    ],
    CONFLICT: [
      'A durable thing was to change from a state in which it is not, or no more. `details` has `{ expected, actual, version }`.',
      'Look at what it is now, and decide again: somebody or something else changed it first, or the transition is not legal.',
    ],
    EFFECT_UNCERTAIN: [
      'A process ended, or an answer was lost, while an effect was under way: nobody knows whether it happened. It is not tried again by itself.',
      'Find out outside. Where it happened, `sluice runs skip <node-run>`; where not, `sluice runs retry <node-run>`. A node with a `probe` finds out itself.',
    ],
    IN_PROGRESS: ['Another process is at work on the same packet.', 'Nothing: when the packet comes again it is given that result.'],
    RUN_RECORD: [
      'The end of a run could not be put on record.',
      'See the message; `sluice journal reconcile --repair` records it as failed.',
    ],
    RUN_UNKNOWN: ['No run of this id is on record.', '`sluice runs list` shows those that are.'],
    STORE_MISSING: ['There is no store at this place.', 'Run a graph that keeps something first, or name the store with SLUICE_STORE.'],
    JOURNAL_BROKEN: [
      'The journal lacks the record of its newest row, so nothing can be written behind that.',
      'Look at it with `sluice journal verify`, then run `sluice journal reconcile --repair`.',
    ],
    JOURNAL_DATA: [
      'What was to be kept of a durable thing is no JSON.',
      'Keep numbers, texts, lists and plain objects; no cycles, no bigint.',
    ],
    MACHINE_INVALID: ['The declaration of a machine is not sound.', 'The message names each state that is wrong.'],
    MACHINE_UNKNOWN: [
      'A durable thing is of a machine that is not declared here.',
      'The hint names those that are; the store may be of a newer version.',
    ],
  },
  'Tests of graphs and nodes': {
    TEST_FAILED: [
      'A test of a graph found something that is not as expected.',
      'Correct the graph, or the test; the lines with `-` say what was expected, those with `+` what came.',
    ],
    TEST_FAULT: [
      'A node fails because a test of its graph says so, under `fault`.',
      'Nothing, where the graph deals with it as it should.',
    ],
    TEST_MARBLES: [
      'A node gives something else than the marble diagrams of its test say.',
      'The message shows both. `-` is a millisecond of virtual time, and so is each letter.',
    ],
    BENCH_NOT_HERE: [
      'The benchmark compares with peers that are no dependencies of the packages, so it comes with the sources only.',
      'Clone the sources, then `npm install` and `npm run bench`.',
    ],
    TEST_NOT_FOUND: [
      'There are no tests where they were looked for.',
      'Tests of `graphs/x.yaml` are in `graphs/x.test.yaml`; `sluice test ./...` runs all.',
    ],
    TEST_HANGS: [
      'In virtual time nothing moves and nothing ends.',
      'Look for a call that waits for something that never comes, or end the sources.',
    ],
  },
  'The store, queues and bytes': {
    ARTIFACT_INVALID: [
      'What a node wants to keep as an artifact does not fit its port type, or its `ttl` or `maxCount` is no whole number above 0.',
      'The message names the place; keep what the port type says, or give it another version.',
    ],
    ARTIFACT_SCHEMA: ['The schema of an artifact is no name with a version.', 'Write `report@1`, or give a port type.'],
    ARTIFACT_UNKNOWN: [
      'There is no artifact of this id, or several begin so.',
      'Its `ttl` or `max_count` may have ended it; `sluice artifacts list` shows those that are kept.',
    ],
    STORE_NEEDED: [
      'A node keeps artifacts or sets timers, and the engine has no store.',
      "Name one: `createEngine({ store: () => openStore({ path }) })`; a test says `store: 'none'`.",
    ],
    TIMER_INVALID: [
      'A timer has no moment: its time is no number, or its cron expression cannot be read.',
      'Give `at` (ms since the epoch), `in` (ms) or `cron` (five fields, or six with seconds first; UTC). A cron timer needs a store.',
    ],
    BLOB_DAMAGED: [
      'Bytes in the store are not those that were stored.',
      'The file was changed on the disk: what names it cannot be read any more.',
    ],
    BLOB_FOLDER: ['A store in PostgreSQL was asked to keep bytes and has no folder for them.', 'Name one: `openStore({ url, blobs })`.'],
    BLOB_MISSING: [
      'Bytes that a packet names are not in the store.',
      'They were released, or their ttl is over: keep them as long as packets name them.',
    ],
    BLOB_REF: ['A reference names no bytes of a store.', 'Pass on references as they were given; a path is none.'],
    STORE_EXISTS: ['A repair was to write into a file that is there.', 'Name another with `--out`; nothing is written over.'],
    STORE_NO_BYTES: [
      'A payload that `queue/store` got is no bytes and has none in `data`.',
      'Leave `queue/store` out: what JSON can carry needs no reference.',
    ],
    QUEUE_UNKNOWN: [
      'The store has no queue of that name.',
      '`sluice queue list` names those that there are; SLUICE_STORE names another store.',
    ],
    QUEUE_FULL: [
      'A queue with `when_full: error` is full.',
      'Raise its `max_rows`, make its reader faster, or choose another `when_full`.',
    ],
    STORE_BUSY: [
      'Another process holds the store.',
      'A second try may succeed; see with `fuser` which process has the file open where it stays so.',
    ],
    STORE_CLOSED: ['The store was closed before what writes to it.', 'Close the engine first, then the store.'],
    STORE_DAMAGED: [
      'The database says that its file is damaged.',
      '`sluice queue verify` says what is damaged. Stop what uses the store, then `sluice queue repair` saves what is whole into a new file.',
    ],
    STORE_DRIVER: [
      'The driver of the database is not installed, or not built for this machine.',
      'Install `sqlite3`, or `pg` for PostgreSQL.',
    ],
    STORE_FAILED: ['The database refused a statement.', 'Its own message is in the error; only this unit of work is undone.'],
    STORE_FULL: ['The disk of the store is full.', 'Free some space: what was not committed waits and is tried again.'],
    STORE_LOST: [
      'The connection to PostgreSQL was lost.',
      'It is opened again by itself. Where it was lost in a commit, look whether the change is there before it is made again.',
    ],
    STORE_NEWER: ['The store was written by a newer version of Sluice.', 'Update Sluice, or name another file or database.'],
    STORE_OPEN: [
      'The store cannot be opened.',
      'Look whether the file is a store and may be written, or whether the server lets this user in.',
    ],
  },
  'Plugin core': {
    PACKET_UNFIT: ['A packet does not have the shape that a node needs.', 'Put a `core/map` before the node, or filter such packets out.'],
    PRINT_FAILED: ['Standard output is closed.', 'Keep its reader running, or write to a file with `io/jsonl-out`.'],
    SWITCH_NO_MATCH: [
      'No rule of a core/switch fits a packet, and it says `no_match: fail`.',
      'Add a rule for such packets, name in `no_match` the output that takes the rest, or connect the `error` port.',
    ],
  },
  'Plugin io': {
    CSV_BAD_ROW: ['A row of a CSV file cannot be read.', 'Correct the row, or set `on_bad: skip`.'],
    CSV_NO_COLUMN: ['A CSV file lacks a column that the config names.', 'Correct the name; the hint lists the columns that are there.'],
    DISK_FULL: ['The disk, or a quota on it, is full. Nothing half-written was left.', 'Make room. A second try may succeed.'],
    FILES_TOO_MANY: ['Too many files are open.', 'Raise the limit of open files (`ulimit -n`).'],
    FILE_DENIED: ['This user may not read or write the file.', 'Give the user the right, or choose another path.'],
    FILE_FAILED: ['The file system failed.', 'Check the path and the disk.'],
    FILE_IS_FOLDER: ['The path is a folder, and a file is wanted.', 'Name a file in that folder.'],
    FILE_NOT_FOUND: ['There is no such file.', 'Check the path; a relative one of an input starts at the folder of the graph.'],
    FILE_PATH_BLOCKED: ['A part of the path is a file, not a folder.', 'Choose another path, or move that file away.'],
    HTTP_REFUSED: [
      'The other side answered that it does not take the request.',
      'The message has its status. Correct the address or what is sent.',
    ],
    HTTP_TIMEOUT: ['The other side did not answer in time.', 'Check that it is up, or raise `timeout`.'],
    HTTP_UNREACHABLE: ['The other side cannot be reached.', 'Check the address and the network.'],
    LINE_NO_JSON: ['A line of a file is not JSON, or the last line was cut off.', 'Correct the line, or set `on_bad: skip`.'],
    LINE_NO_PACKET: ['A line of a file is JSON and no packet.', 'Set `body: payload` where lines are payloads, or `auto`.'],
    REF_DAMAGED: [
      'A file has not the bytes that its reference names.',
      'It was changed or replaced after it was written: give each packet a file name of its own.',
    ],
    REF_REFUSED: [
      'A reference names no file that may be read: another scheme, no size, or a path outside of `path`.',
      'Send what `io/bytes-to-ref` gave, and set `path` to the folder that it writes to.',
    ],
    LINE_TOO_LONG: ['A line of a file is longer than `max_line`.', 'Raise `max_line`, or check that the file has line breaks.'],
  },
  'Plugin vision': {
    CAMERA_LOST: [
      'A camera that was there gives no more frames: its stream ended or stalled.',
      'Nothing, where it comes back: it is connected again. Else look at the camera and the network.',
    ],
    CAMERA_REFUSED: [
      'A camera does not accept user or password. It is not tried again: many cameras lock an account after a few wrong passwords.',
      'Set `user` and `password`, and start again.',
    ],
    CAMERA_UNREACHABLE: ['A camera cannot be reached or opened.', 'Check address, power and network; the message has what ffmpeg said.'],
    FFMPEG_FAILED: ['ffmpeg was found and did not start.', 'Set `FFMPEG_PATH` to an ffmpeg that runs.'],
    FFMPEG_INVALID: ['`FFMPEG_PATH` names something that is no ffmpeg.', 'Set it to an ffmpeg binary, or unset it.'],
    FFMPEG_NOT_FOUND: [
      'There is no ffmpeg that runs here.',
      'Install it with the package manager of your system, run `npm install @ffmpeg-installer/ffmpeg`, or set `FFMPEG_PATH`.',
    ],
    IMAGE_ENCODER_MISSING: ['The package sharp, which encodes pictures, does not load.', 'Run `npm install sharp` on this machine.'],
    MODEL_CLASSES: [
      'A model tells more or fewer classes apart than have a name.',
      'Set `class_names` to the names that it was trained with, in their order.',
    ],
    MODEL_CLOSED: ['A frame came when its model was being closed.', 'Nothing: the run is at its end, and the frame is not looked at.'],
    MODEL_FAILED: ['A model failed on a frame.', 'The message is that of the ONNX runtime; the next frame is tried.'],
    MODEL_INVALID: ['The file is not a whole ONNX model.', 'Get the file again; `sluice assets verify` compares staged ones.'],
    MODEL_LABEL_UNKNOWN: ['The config asks for labels that the model does not know.', 'Choose among those that the hint lists.'],
    MODEL_NOT_FOUND: ['There is no model at this path.', 'Set `model` to a file; staged ones come with `sluice assets stage`.'],
    MODEL_RUNTIME_MISSING: [
      'onnxruntime-node does not load on this machine.',
      'Install it again on this machine; `sluice doctor` tries it.',
    ],
    MODEL_UNSUPPORTED: [
      'A model has inputs or outputs that no decoder knows.',
      'Use a model of a layout that `vision/detect` reads, and set `decoder` where it cannot be told.',
    ],
    MODEL_WORKER_LOST: [
      'The thread of a model ended while it worked.',
      'It is started again for the next frame. If that goes on, the machine may lack memory.',
    ],
    VIDEO_DAMAGED: [
      'A video has places that cannot be decoded; the frames around them were given.',
      'Record or copy the file again where those frames matter.',
    ],
    VIDEO_NOT_FOUND: ['There is no video file at this path.', 'Set `path`; a relative one starts at the folder of the graph.'],
    VIDEO_TRUNCATED: ['A video ends too early. The complete frames were given.', 'Copy or record the file again.'],
    VIDEO_UNREADABLE: [
      'A file cannot be read as a video.',
      'Check that it is a video and complete: `ffmpeg -i <file>` shows what is in it.',
    ],
    ZONES_INVALID: ['What a file or a service gave is no list of zones.', 'Correct it; the hint of the error shows the form.'],
    ZONES_INVALID_POLYGON: [
      'Some of the zones of a file or a service cannot be used; the others hold.',
      'Give each zone a name and three corners or more.',
    ],
    ZONES_UNREADABLE: ['A file or a service gave no zones.', 'Check the path or the address; a service is asked again by itself.'],
  },
};

/** Texts in the sources that look like a code and are none: variables of the environment, codes of others, data. */
export const NO_CODES = new Set([
  'DUPLICATE_KEY',
  'MULTIPLE_DOCS',
  'SLUICE_TEST_POSTGRES',
  'EAI_AGAIN',
  'FST_ERR_BAD_URL',
  'FFMPEG_PATH',
  'NO_COLOR',
  'BLOCK_FOLDED',
  'BLOCK_LITERAL',
  'QUOTE_DOUBLE',
  'ERR_PACKAGE_PATH_NOT_EXPORTED',
  'SLUICE_ALLOW_PLUGINS',
  'NATS_URL',
  'SLUICE_CONFIG',
  'SLUICE_DEBUG',
  'SLUICE_HOME',
  'SLUICE_DETACHED',
  'SLUICE_LOG',
  'SLUICE_STORE',
  'SLUICE_TOKEN',
  'SWC_NODE_PROJECT',
  'ERR_HTTP_REQUEST_TIMEOUT',
  'HPE_HEADER_OVERFLOW',
  'UND_ERR_CONNECT_TIMEOUT',
  'ZONE_INTRUSION',
]);
