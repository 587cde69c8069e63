// What the codes mean that the check of a graph does not give; those are in libs/graph/src/codes.ts. One entry per code:
// what happened, and what to do about it where the message says nothing more exact.
export const GROUPS = {
  'Running a graph': {
    BUDGET_SPENT: ['A unit of work has used up its budget.', 'Raise the budget, or do less in one unit.'],
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
      'An edge is durable, and the runtime that was asked to run it has no store.',
      'Remove `durable` from the edge: it is then kept in memory.',
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
    RUN_STALLED: [
      'Packets wait and nothing can move them: two branches wait for each other, or a merge in turn for a branch that gives less than its sibling.',
      'Raise the capacity of the edge that is full, or make it lossy; a merge may go by arrival.',
    ],
    SERVICE_MISSING: [
      'A node needs a service that nobody provides.',
      'Bind its token in your container, or give `createEngine({ services: [provide(TOKEN, value)] })`.',
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
    OUT_NOT_WRITABLE: ['The file that was asked for cannot be written.', 'Choose another file with `--out`.'],
    PRESET_INVALID: ['A preset is not written as one.', 'Write `graph: <file>` and `params: { ... }`.'],
    PRESET_NOT_FOUND: ['There is no preset of this name.', 'Presets are files `presets/<name>.yaml` beside the graph.'],
    RUN_NOT_STARTED: [
      'The graph is right, and its run did not start.',
      'The message names what failed; `sluice doctor` looks at this machine.',
    ],
    USAGE_INVALID: ['The command was not given as it wants to be.', '`sluice <command> --help` shows how.'],
  },
  'The HTTP API': {
    HEADERS_TOO_LARGE: [
      'The address and the headers of a request are longer than this server reads.',
      'Send less in the address and the headers.',
    ],
    REQUEST_TIMEOUT: ['A request took too long to arrive.', 'Send it again; where it is slow by design, send it in parts.'],
    BODY_INVALID: ['The body of a request is not valid.', 'Send valid JSON with its content type.'],
    BODY_TOO_LARGE: ['The body of a request is too large.', 'Send less at once.'],
    HOST_NOT_LOCAL: [
      'The server was to listen where others can reach it, and it has no login.',
      'Leave `--host` out, and put a proxy that asks for a login in front of it.',
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
    ROUTE_NOT_FOUND: ['There is nothing at this path.', 'See `/api/v1/runs`, `/metrics`, `/readyz`, `/preview.jpg`.'],
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
  'Tests of graphs and nodes': {
    TEST_HANGS: [
      'In virtual time nothing moves and nothing ends.',
      'Look for a call that waits for something that never comes, or end the sources.',
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
    LINE_TOO_LONG: ['A line of a file is longer than `max_line`.', 'Raise `max_line`, or check that the file has line breaks.'],
  },
  'Plugin vision': {
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
  },
};

/** Texts in the sources that look like a code and are none: variables of the environment, codes of others, data. */
export const NO_CODES = new Set([
  'DUPLICATE_KEY',
  'EAI_AGAIN',
  'FFMPEG_PATH',
  'NO_COLOR',
  'SLUICE_DEBUG',
  'SLUICE_HOME',
  'SLUICE_LOG',
  'SWC_NODE_PROJECT',
  'ERR_HTTP_REQUEST_TIMEOUT',
  'HPE_HEADER_OVERFLOW',
  'UND_ERR_CONNECT_TIMEOUT',
  'ZONE_INTRUSION',
]);
