import { gzipSync } from "node:zlib";

/** A request that a host has to refuse, and how. */
export interface BadRequest {
  readonly title: string;
  readonly method?: string;
  /** With the path of the API before it unless it begins with `//`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
  readonly status: number;
  /** Code of the problem; null where the answer is not of the app: then its body is not looked at. */
  readonly code: string | null;
  /** JSON pointer of the first error, where it has to name a place. */
  readonly pointer?: string;
}

const JSON_TYPE = { "content-type": "application/json" };
const RUN = "workflows/Approval/run?runId=never";
const RESPOND = "workflows/Approval/respond/waiting";

const post = (
  title: string,
  path: string,
  body: string | Uint8Array,
  [status, code, pointer]: readonly [status: number, code: string | null, pointer?: string],
  headers: BadRequest["headers"] = JSON_TYPE,
): BadRequest => ({
  title,
  method: "POST",
  path,
  body,
  headers,
  status,
  code,
  ...(pointer !== undefined && { pointer }),
});
const get = (path: string, status: number, code: string | null): BadRequest => ({ title: path, path, status, code });

const NOT_JSON = [400, "BODY_NOT_JSON"] as const;

/** No part of them from the beginning is JSON. */
const WHOLE_BODIES = [
  '{"amount":1200,"note":"a text with \\"quotes\\" and \\u00e9","list":[1,2,3],"nested":{"deep":{"deeper":[true,false,null]}}}',
  '[{"amount":1},{"amount":2},{"amount":3},["x","y","z"],{"a":{"b":{"c":"d"}}},-1.5e3]',
  '{"requestId":"Manager-0123456789","response":{"approved":true,"comments":"Fine, go ahead with it."}}',
  '{"eventName":"Manager","response":{"approved":false,"comments":"\\ud83d\\ude00 no"}}',
];

function truncated(): BadRequest[] {
  return WHOLE_BODIES.flatMap((whole, number) =>
    Array.from({ length: Math.floor((whole.length - 1) / 4) }, (_, step) => {
      const length = 1 + step * 4;
      const path = number < 2 ? RUN : RESPOND;
      return post(`body ${number} cut after ${length} characters`, path, whole.slice(0, length), NOT_JSON);
    }),
  );
}

const utf16 = (text: string): Buffer => Buffer.from(text, "utf16le");
const MALFORMED: readonly (readonly [title: string, body: string | Uint8Array])[] = [
  ["single quotes", "{'amount':1}"],
  ["a comma too many in an object", '{"amount":1,}'],
  ["a comma too many in a list", "[1,2,]"],
  ["a comma at the beginning", "[,1]"],
  ["a comment to the end of the line", '{"amount":1} // one'],
  ["a comment in between", '{/* one */"amount":1}'],
  ["NaN", '{"amount":NaN}'],
  ["Infinity", '{"amount":Infinity}'],
  ["minus Infinity", '{"amount":-Infinity}'],
  ["undefined", '{"amount":undefined}'],
  ["a key without quotes", "{amount:1}"],
  ["a hexadecimal number", '{"amount":0x10}'],
  ["an octal number", '{"amount":010}'],
  ["a plus sign", '{"amount":+1}'],
  ["a point without digits after it", '{"amount":1.}'],
  ["a point without digits before it", '{"amount":.5}'],
  ["an exponent without digits", '{"amount":1e}'],
  ["True", '{"amount":True}'],
  ["nul", '{"amount":nul}'],
  ["two values", '{"amount":1}{"amount":2}'],
  ["two values on lines of their own", '{"amount":1}\n{"amount":2}'],
  ["a bracket that closes another", '{"amount":[1}'],
  ["a bracket too many", '{"amount":1}}'],
  ["a raw tab in a text", '{"note":"a\tb"}'],
  ["a raw line end in a text", '{"note":"a\nb"}'],
  ["a raw NUL in a text", '{"note":"a\0b"}'],
  ["a NUL behind the value", '{"amount":1}\0'],
  ["an unknown escape", '{"note":"\\x41"}'],
  ["half an escape", '{"note":"\\u00"}'],
  ["a text that does not end", '{"note":"a'],
  ["white space that JSON does not know", '{"amount":\u00a01}'],
  ["a byte order mark", '\ufeff{"amount":1}'],
  ["nothing", ""],
  ["white space alone", "  \n "],
  ["UTF-16, little end first", utf16('{"amount":1}')],
  ["UTF-16 with a byte order mark", Buffer.concat([Buffer.from([0xff, 0xfe]), utf16('{"amount":1}')])],
  ["a byte that UTF-8 never has", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
  ["half a character", Buffer.from([0x22, 0xc3, 0x22])],
  ["a character written longer than it is", Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
  ["half of a surrogate pair in UTF-8", Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
  ["a character beyond the last one", Buffer.from([0x22, 0xf4, 0x90, 0x80, 0x80, 0x22])],
  ["Latin-1", Buffer.from('{"note":"\u00e9"}', "latin1")],
];

function malformed(): BadRequest[] {
  return MALFORMED.flatMap(([title, body]) => [
    post(`${title}, as input`, RUN, body, NOT_JSON),
    post(`${title}, as response`, RESPOND, body, NOT_JSON),
  ]);
}

const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  "x",
  "",
  [],
  [1],
  ["a"],
  {},
  { x: 1 },
  { amount: {} },
];

/** Values of a shape that is not the right one, with the place that is wrong. */
function wrongShapes(): BadRequest[] {
  const isText = (value: unknown) => typeof value === "string" && value !== "";
  const json = JSON.stringify;
  const input = [422, "RUN_INPUT_INVALID"] as const;
  const response = [422, "PORT_RESPONSE_INVALID"] as const;
  const fields = [422, "RESPOND_BODY_INVALID"] as const;
  const name = (value: unknown) => `${json(value)}`;
  const answer = (value: unknown) => json({ eventName: "Manager", response: value });
  return [
    ...VALUES.filter((value) => !isText(value)).map((value) =>
      post(`${name(value)} to Greeting`, "workflows/Greeting/run?runId=never", json(value), [...input, ""]),
    ),
    ...VALUES.map((value) =>
      post(`${name(value)} as a number`, "workflows/Approval/run?runId=never", json({ amount: value }), [
        ...input,
        "/amount",
      ]),
    ).filter(({ title }) => !/^(0|-1|1\.5) /.test(title)),
    ...VALUES.map((value) =>
      post(`${name(value)} to Approval`, "workflows/Approval/run?runId=never", json(value), [
        ...input,
        typeof value === "object" && value !== null && !Array.isArray(value) ? "/amount" : "",
      ]),
    ),
    ...VALUES.filter((value) => value !== null).map((value) =>
      post(`${name(value)} to Failing`, "workflows/Failing/run?runId=never", json(value), [...input, ""]),
    ),
    ...VALUES.map((value) => post(`${name(value)} as a response`, RESPOND, answer(value), [...response])),
    ...VALUES.filter((value) => typeof value !== "boolean").map((value) =>
      post(`${name(value)} as approved`, RESPOND, answer({ approved: value }), [...response, "/approved"]),
    ),
    ...VALUES.filter((value) => typeof value !== "string").map((value) =>
      post(`${name(value)} as comments`, RESPOND, answer({ approved: true, comments: value }), [
        ...response,
        "/comments",
      ]),
    ),
    ...VALUES.filter((value) => typeof value !== "string").map((value) =>
      post(`${name(value)} as the name of a request`, RESPOND, json({ requestId: value, response: true }), [
        ...fields,
        "/requestId",
      ]),
    ),
    ...VALUES.filter((value) => typeof value !== "object" || value === null || Array.isArray(value)).map((value) =>
      post(`${name(value)} as the body of a response`, RESPOND, json(value), [...fields, ""]),
    ),
    post("no response", RESPOND, json({ eventName: "Manager" }), [...fields, "/response"]),
    post("no request", RESPOND, json({ response: { approved: true } }), [...fields, ""]),
    ...["cancel", "suspend", "resume"].flatMap((operation) =>
      [1, null, {}, "x".repeat(1_001)].map((reason) =>
        post(
          `${name(reason).slice(0, 20)} as the reason to ${operation}`,
          `workflows/Approval/${operation}/waiting`,
          json({ reason }),
          [400, "PARAMETER_INVALID", "/reason"],
        ),
      ),
    ),
  ];
}

function sizes(): BadRequest[] {
  const lists = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  const objects = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
  const deep = [400, "BODY_TOO_DEEP"] as const;
  const large = [413, "BODY_TOO_LARGE"] as const;
  const json = '{"amount":1}';
  return [
    ...[65, 66, 1_000, 5_000, 100_000].flatMap((depth) => [
      post(`lists ${depth} deep`, RUN, lists(depth), deep),
      post(`lists ${depth} deep that do not end`, RUN, "[".repeat(depth), deep),
      post(`objects ${depth} deep, as response`, RESPOND, objects(depth), deep),
    ]),
    post("lists a million deep", RUN, lists(1_000_000), large),
    post("100,001 values", RUN, `[${"1,".repeat(99_999)}1]`, deep),
    post("100,001 values, as response", RESPOND, `{"response":[${"1,".repeat(99_999)}1]}`, deep),
    post("one byte too many", RUN, `"${"x".repeat(1_048_575)}"`, large),
    post("one byte too many, as text", RUN, "x".repeat(1_048_577), large, { "content-type": "text/plain" }),
    post("ten thousand keys", RUN, `{${Array.from({ length: 10_000 }, (_, n) => `"k${n}":${n}`)}}`, [
      ...[422, "RUN_INPUT_INVALID"],
      "/amount",
    ] as [number, string, string]),
    post("a key of a megabyte", RUN, `{"${"k".repeat(1_040_000)}":1}`, [413, "RUN_INPUT_TOO_LARGE"]),
    ...["gzip", "deflate", "br", "zstd", "GZIP", "x-unknown"].map((encoding) =>
      post(`a body in ${encoding}`, RUN, gzipSync(json), [415, "CONTENT_TYPE_UNSUPPORTED"], {
        ...JSON_TYPE,
        "content-encoding": encoding,
      }),
    ),
  ];
}

function numbersAndKeys(): BadRequest[] {
  const duplicate = ['{"amount":1,"amount":2}', '{"a":{"b":1,"b":1}}', '{"a":1,"\\u0061":2}', '[{"x":null,"x":null}]'];
  const lossy = [
    ...["1e999", "-1e999", "1e309", "9007199254740993", "-9007199254740993", "9007199254740993.0", "1".repeat(400)],
    ...[
      "0.12345678901234567890123",
      "123456789012345678901234567890",
      "1e400",
      "4.9406564584124654417656879286822e-325",
    ],
  ];
  const reserved = [
    '{"__proto__":{"polluted":true}}',
    '{"__proto__":null}',
    '{"__proto__":1,"amount":1}',
    '{"\\u005f_proto__":{"polluted":true}}',
    '{"amount":{"__proto__":{"polluted":true}}}',
    '[{"__proto__":{"polluted":true}}]',
    '[[[{"a":[{"__proto__":1}]}]]]',
    '{"a":{"b":{"c":{"__proto__":{"polluted":true}}}}}',
  ];
  const harmless = [
    '{"constructor":{"prototype":{"polluted":true}}}',
    '{"prototype":{"polluted":true}}',
    '{"toJSON":"x"}',
    '{"toString":1}',
    '{"valueOf":1}',
    '{"then":1}',
    '{"hasOwnProperty":1}',
    '{"__defineGetter__":1}',
    '{"__lookupSetter__":1}',
    '{"length":1}',
    '{"0":1}',
    '{"":1}',
  ];
  return [
    ...[...duplicate, ...lossy, ...reserved].flatMap((body) => [
      post(`${body.slice(0, 60)}, as input`, RUN, body, NOT_JSON),
      post(`${body.slice(0, 60)}, as response`, RESPOND, `{"eventName":"Manager","response":${body}}`, NOT_JSON),
    ]),
    ...harmless.flatMap((body) => [
      post(`${body}, as input`, RUN, body, [422, "RUN_INPUT_INVALID", "/amount"]),
      post(`${body}, as response`, RESPOND, `{"eventName":"Manager","response":${body}}`, [
        422,
        "PORT_RESPONSE_INVALID",
        "/approved",
      ]),
    ]),
  ];
}

function idsAndPaths(): BadRequest[] {
  const invalid = [
    ...[
      "",
      " ",
      "a ",
      " a",
      ".",
      "..",
      "@a",
      "a/b",
      "a\\b",
      "a#b",
      "a?b",
      "a\0b",
      "a\u001fb",
      "a\u0085b",
      "a\tb",
      "a\nb",
    ],
    ...["x".repeat(101), "e\u0301", "\ufffd", "../other", "..%2fother".replace("%2f", "/"), "/etc/passwd"],
  ];
  const strange = [
    ...["..", "%2e%2e", "%2e%2e%2fwaiting", "..%2fwaiting", "..%5cwaiting", "waiting%00", "waiting%20", "%00", "%0a"],
    ...["Waiting", "WAITING", "waitin", "waiting.", "waiting;", "..;", "waiting%2f", "waiting%252f", "w%61iting%20x"],
    ...[
      "con",
      "nul",
      "aux.txt",
      "%ff",
      "%c0%ae",
      "%f0%9f%98%80",
      "wait%E2%80%AEing",
      "%40waiting",
      "waiting%23",
      "waiting%3f",
    ],
    "x".repeat(300),
  ];
  return [
    ...invalid.map((id) =>
      post(
        `run id ${JSON.stringify(id).slice(0, 30)}`,
        `workflows/Approval/run?runId=${encodeURIComponent(id)}`,
        '{"amount":1}',
        [400, "RUN_ID_INVALID"],
      ),
    ),
    ...strange.flatMap((id) => [
      get(`workflows/Approval/status/${id}`, 404, null),
      post(
        `a response to ${id.slice(0, 30)}`,
        `workflows/Approval/respond/${id}`,
        '{"eventName":"Manager","response":1}',
        [404, null],
      ),
    ]),
    ...["", "Nowhere", "approval%20", "..", "%2e%2e", "__proto__", "constructor", "toString", "x".repeat(200)].map(
      (name) => get(`workflows/${name}/status/waiting`, 404, null),
    ),
  ];
}

function queries(): BadRequest[] {
  const parameter = [400, "PARAMETER_INVALID"] as const;
  const input = '{"amount":1}';
  const run = (query: string) => post(`run with ${query}`, `${RUN}&${query}`, input, parameter);
  const numbers = ["0", "-1", "1.5", "NaN", "x", "", "1e3", "0x10", "99999999999999999999", " 5", "5;6"];
  return [
    ...[...numbers, "201"].map((text) => run(`waitForResponse=true&timeoutSeconds=${encodeURIComponent(text)}`)),
    ...["maybe", "1", "yes", "", "truetrue"].map((text) => run(`waitForResponse=${text}`)),
    run("waitForResponse=true&waitForResponse=false"),
    run("timeoutSeconds=1&timeoutSeconds=2"),
    post("two run ids", `${RUN}&runId=other`, input, parameter),
    ...[...numbers, "100000"].map((text) => ({
      ...get(`workflows/Approval/runs?limit=${encodeURIComponent(text)}`, ...parameter),
    })),
    ...["Sleeping", "Completed,Sleeping", "completed;Failed", ","].map((text) =>
      get(`workflows/Approval/runs?status=${encodeURIComponent(text)}`, ...parameter),
    ),
    ...["x", "....", "%00", "eyJ"].map((text) => get(`workflows/Approval/runs?cursor=${text}`, ...parameter)),
    ...numbers
      .filter((text) => text !== "0")
      .map((text) => get(`workflows/Approval/events/waiting?after=${encodeURIComponent(text)}`, ...parameter)),
  ];
}

function methodsAndHeaders(port: number): BadRequest[] {
  const unsupported = [415, "CONTENT_TYPE_UNSUPPORTED"] as const;
  const types = [
    ...["", "application/xml", "text/json", "application/jsonp", "application/json, text/plain", "multipart/form-data"],
    ...["application/x-www-form-urlencoded", "application/json; charset=latin1", "application/json; charset=utf-16"],
    ...["text/plain; charset=iso-8859-1", "json", "*/*", "application/*", "application/json/extra"],
  ];
  const methods = [
    ...["GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "PROPFIND"].map(
      (method) => [method, RUN] as const,
    ),
    ...["POST", "PUT", "DELETE", "PATCH"].map((method) => [method, "workflows/Approval/status/waiting"] as const),
    ...["GET", "PUT", "PATCH"].map((method) => [method, "workflows/Approval/cancel/waiting"] as const),
  ];
  const hosts = [
    ...["evil.example", `evil.example:${port}`, "localhost", `localhost:${port + 1}`, `127.0.0.1.evil.example:${port}`],
    ...[`localhost:${port}@evil.example`, `[::1]`, `0.0.0.0:${port}`, `169.254.169.254:${port}`, `localhost.:${port}`],
  ];
  const origins = ["null", "http://evil.example", `https://localhost:${port}`, "http://localhost:3000", "file://"];
  return [
    // The Functions host knows no 405: a method that no function takes is a route that does not exist.
    ...methods.map(([method, path]) => ({ title: `${method} ${path}`, method, path, status: 404, code: null })),
    ...types.map((type) =>
      post(`a body of type "${type}"`, RUN, '{"amount":1}', unsupported, { "content-type": type }),
    ),
    ...["text/plain", "application/xml"].map((type) =>
      post(`a response of type "${type}"`, RESPOND, "{}", unsupported, { "content-type": type }),
    ),
    ...hosts.map((host) => ({ ...get("health", 403, "HOST_NOT_ALLOWED"), title: `Host ${host}`, headers: { host } })),
    ...origins.map((origin) => ({
      ...post(`Origin ${origin}`, RUN, '{"amount":1}', [403, "ORIGIN_NOT_ALLOWED"], { ...JSON_TYPE, origin }),
    })),
    post("a method in a header", "workflows/Approval/status/waiting", "", [404, null], {
      "x-http-method-override": "DELETE",
    }),
    // One without a text does not reach a function.
    ...["maybe", "1"].map((text) =>
      post(`x-ms-wait-for-response: ${text}`, RUN, '{"amount":1}', [400, "PARAMETER_INVALID"], {
        ...JSON_TYPE,
        "x-ms-wait-for-response": text,
      }),
    ),
  ];
}

function states(): BadRequest[] {
  const gone = [404, "RUN_NOT_FOUND"] as const;
  const ended = [409, "RUN_ENDED"] as const;
  const answer = '{"eventName":"Manager","response":{"approved":true}}';
  const operations = ["cancel", "suspend", "resume"];
  return [
    ...["nobody", "done"].flatMap((id) => [
      get(`workflows/Approval/status/${id}`, ...gone),
      get(`workflows/Approval/events/${id}`, ...gone),
      post(`a response to ${id}`, `workflows/Approval/respond/${id}`, answer, gone),
      ...operations.map((one) => post(`${one} ${id}`, `workflows/Approval/${one}/${id}`, "", gone, {})),
      post(`rerun ${id}`, `workflows/Approval/rerun/${id}`, "", gone, {}),
      { title: `delete ${id}`, method: "DELETE", path: `workflows/Approval/runs/${id}`, status: 404, code: gone[1] },
    ]),
    // A run of another workflow is not there.
    get("workflows/Greeting/status/waiting", ...gone),
    post("a response to a run of another workflow", "workflows/Signing/respond/waiting", answer, gone),
    post("cancel a run of another workflow", "workflows/Greeting/cancel/waiting", "", gone, {}),
    post("a response to a run that has ended", "workflows/Greeting/respond/done", answer, ended),
    ...operations.map((one) => post(`${one} a run that has ended`, `workflows/Greeting/${one}/done`, "", ended, {})),
    post("another input to an id that is taken", "workflows/Greeting/run?runId=done", '"other"', [409, "RUN_EXISTS"]),
    post("another workflow to an id that is taken", "workflows/Nap/run?runId=done", '{"milliseconds":1}', [
      409,
      "RUN_EXISTS",
    ]),
    post("a request that was never asked", RESPOND, '{"requestId":"Manager-none","response":{"approved":true}}', [
      404,
      "REQUEST_NOT_FOUND",
    ]),
    post("a port that was never asked", RESPOND, '{"eventName":"Nobody","response":{"approved":true}}', [
      404,
      "REQUEST_NOT_FOUND",
    ]),
    {
      title: "delete a run that is going on",
      method: "DELETE",
      path: "workflows/Approval/runs/waiting",
      status: 409,
      code: "RUN_NOT_ENDED",
    },
    ...["run", "status/x", "events/x", "respond/x", "cancel/x"].map((path) => ({
      title: `${path} of an unknown workflow`,
      method: /run|respond|cancel/.test(path) ? "POST" : "GET",
      path: `workflows/Nowhere/${path}`,
      headers: JSON_TYPE,
      ...(/run|respond|cancel/.test(path) && { body: "{}" }),
      status: 404,
      code: "WORKFLOW_NOT_FOUND",
    })),
  ];
}

/** Calls of the durable management API, with the key that `code` holds. */
function management(code: string): BadRequest[] {
  const base = "//runtime/webhooks/durabletask";
  const keyed = { "x-functions-key": code };
  const send = (title: string, path: string, body: string | Uint8Array, status: number, type = "application/json") =>
    post(title, `${base}/${path}`, body, [status, null], { ...keyed, ...(type !== "" && { "content-type": type }) });
  const ask = (path: string, status: number, headers: Record<string, string> = {}): BadRequest => ({
    title: path.slice(0, 80),
    path: `${base}/${path}`,
    headers: { ...keyed, ...headers },
    status,
    code: null,
  });
  const waiting = "instances/waiting";
  return [
    ...["", "wrong", `${code}x`, code.slice(1), code.toUpperCase()].map((key) => ({
      ...ask(waiting, 401),
      title: `key ${key.slice(0, 8)}`,
      headers: { "x-functions-key": key },
    })),
    ...["@a", "a%2fb", "a%5cb", "a%23b", "a%3fb", "a%00b", "x".repeat(257), "%20"].map((id) =>
      send(`start ${id.slice(0, 20)}`, `orchestrators/dafx-Approval/${id}`, "{}", 400),
    ),
    send("start of an unknown function", "orchestrators/nobody/new", "{}", 400),
    ...["{", "{'a':1}", "undefined", "[1,]"].map((body) =>
      send(`start with ${body}`, "orchestrators/dafx-Approval/x", body, 400),
    ),
    send("start with bytes", "orchestrators/dafx-Approval/x", Buffer.from([0x22, 0xff, 0x22]), 400),
    ...["1", "007", "123456789"].map((name) => send(`event ${name}`, `${waiting}/raiseEvent/${name}`, "{}", 400)),
    ...["", "{", "nope"].map((body) => send(`event with ${body}`, `${waiting}/raiseEvent/Go`, body, 400)),
    ...["", "text/plain", "application/xml"].map((type) =>
      send(`event of type "${type}"`, `${waiting}/raiseEvent/Go`, "{}", 400, type),
    ),
    send("event to nobody", "instances/nobody/raiseEvent/Go", "{}", 404),
    send("event to one that has ended", "instances/done/raiseEvent/Go", "{}", 410),
    ...["terminate", "suspend", "resume", "rewind"].flatMap((one) => [
      send(`${one} nobody`, `instances/nobody/${one}`, "", 404),
      send(`${one} one that has ended`, `instances/done/${one}`, "", 410),
    ]),
    send("rewind one that is running", `${waiting}/rewind`, "", 412),
    send("restart nobody", "instances/nobody/restart", "", 400),
    send("an operation that does not exist", `${waiting}/explode`, "", 404),
    ...["instances/nobody", "instances/..%2fwaiting", "instances/%2e%2e", "nothing", "instances/waiting/history"].map(
      (path) => ask(path, 404),
    ),
    ...[
      "top=0",
      "top=-1",
      "top=x",
      "top=1.5",
      "createdTimeFrom=x",
      "createdTimeTo=never",
      "runtimeStatus=Sleeping",
    ].map((query) => ask(`instances?${query}`, 400)),
    ...["x", "-1", "1e3", "99999999999999999999"].map((token) =>
      ask("instances", 400, { "x-ms-continuation-token": token }),
    ),
    ...["top=0", "top=x", "lastOperationTimeFrom=x", "lastOperationTimeTo=y"].map((query) =>
      ask(`entities?${query}`, 400),
    ),
    ask("entities/nobody/1", 404),
    { ...ask("instances", 400), method: "DELETE", title: "purge without a time" },
    { ...ask("instances?createdTimeFrom=x", 400), method: "DELETE" },
    { ...ask("instances/nobody", 404), method: "DELETE" },
    { ...ask("instances?createdTimeFrom=2100-01-01", 404), method: "DELETE" },
    ...["PUT", "PATCH", "DELETE", "HEAD"].map((method) => ({
      ...ask("orchestrators/dafx-Approval/x", 404),
      method,
      title: `${method} of a start`,
    })),
    send("signal to an unknown entity", "entities/nobody/1?op=add", "1", 400),
  ];
}

/** Every class of bad input, with exact answers. @param systemKey - of the management API */
export function badRequests(port: number, systemKey: string): ReadonlyMap<string, readonly BadRequest[]> {
  return new Map([
    ["JSON that is cut off", truncated()],
    ["JSON that is none", malformed()],
    ["values of a wrong shape", wrongShapes()],
    ["bodies that are too much", sizes()],
    ["numbers and keys that are read differently", numbersAndKeys()],
    ["ids and paths", idsAndPaths()],
    ["queries", queries()],
    ["methods and headers", methodsAndHeaders(port)],
    ["states", states()],
    ["the management API", management(systemKey)],
  ]);
}
