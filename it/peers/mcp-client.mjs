// mcp-client.mjs SESSION COMMAND ARGUMENT... - drives an MCP server with the client of the MCP SDK.
//
// SESSION is "orderly", "close", "abrupt" or "idle". Prints one line of JSON: what PeersVmTest looks at. The
// SDK is taken from the working directory's node_modules.
import { createRequire } from 'node:module';
import { once } from 'node:events';

const require = createRequire(`${process.cwd()}/`);
const { Client } = require('@modelcontextprotocol/sdk/client/index.js');
const { StdioClientTransport } = require('@modelcontextprotocol/sdk/client/stdio.js');
const { CreateMessageRequestSchema } = require('@modelcontextprotocol/sdk/types.js');

const [session, command, ...args] = process.argv.slice(2);
// An emulated guest on a busy machine is not what these requests' timeouts were made for.
const patience = { timeout: 280_000 };

const client = new Client({ name: 'msb-test', version: '1' }, { capabilities: { sampling: {} } });
client.setRequestHandler(CreateMessageRequestSchema, async (request) => ({
  role: 'assistant',
  model: 'none',
  content: { type: 'text', text: `sampled: ${request.params.messages[0].content.text}` },
}));
const transport = new StdioClientTransport({ command, args, env: process.env, stderr: 'pipe' });
let stderr = '';
transport.stderr.on('data', (bytes) => (stderr += bytes));
const errors = [];
client.onerror = (error) => {
  // The SDK hands a notification on later than a reply: of both in one read, the reply ends the token first.
  if (!String(error).startsWith('Error: Received a progress notification for an unknown token')) {
    errors.push(String(error));
  }
};
const closed = new Promise((resolve) => (client.onclose = resolve));
await client.connect(transport, patience);
const progress = [];
const deliver = transport.onmessage;
transport.onmessage = (message, extra) => {
  if (message.method === 'notifications/progress') {
    progress.push(message.params.progress);
  }
  deliver(message, extra);
};

const child = transport._process; // the SDK does not say how the server ended
const ended = once(child, 'exit');

async function call(name, args, options = {}) {
  const reply = await client.callTool({ name, arguments: args }, undefined, { ...patience, ...options });
  return reply.content[0].text;
}

function echo(message) {
  return call('echo', { message });
}

// Quotes, newlines and two, three and four bytes a character: 4 MiB as JSON.
function longMessage() {
  const part = 'a"\n\\é€😀';
  return part.repeat((4 << 20) / (Buffer.byteLength(JSON.stringify(part)) - 2));
}

const result = {};
switch (session) {
  case 'orderly': {
    result.server = client.getServerVersion().name;
    const { tools } = await client.listTools(undefined, patience);
    result.tools = tools.map((tool) => tool.name);
    result.echo = await echo('hello');
    result.sum = await call('get-sum', { a: 2, b: 3 });
    // The server asks the client while the client waits for the server.
    result.sampling = await call('trigger-sampling-request', { prompt: 'why', maxTokens: 10 });
    await call('trigger-long-running-operation', { duration: 1, steps: 4 }, { onprogress: () => {} });
    result.progress = progress;
    const message = longMessage();
    result.longBytes = Buffer.byteLength(JSON.stringify(message));
    result.longIsEqual = (await echo(message)) === `Echo: ${message}`;
    // Many requests at once, answered by their ids.
    const names = Array.from({ length: 50 }, (_, i) => `m${i}`);
    result.manyAreEqual = (await Promise.all(names.map(echo))).every((text, i) => text === `Echo: m${i}`);
    // What client.close() does first. It sends SIGTERM after two seconds, which may be too few here.
    child.stdin.end();
    [result.status, result.signal] = await ended;
    await closed;
    await client.close();
    break;
  }
  case 'abrupt': {
    // In the middle of a request.
    const pending = echo(longMessage()).then(
      () => 'answered',
      (error) => error.message,
    );
    process.kill(transport.pid, 'SIGKILL');
    [result.status, result.signal] = await ended;
    result.pending = await pending;
    break;
  }
  case 'close':
    result.echo = await echo('hello');
    await client.close();
    [result.status, result.signal] = await ended;
    break;
  case 'idle':
    result.msb = transport.pid;
    result.echo = await echo('hello');
    break; // the open pipes keep this program alive
}
result.stderr = stderr;
result.errors = errors;
console.log(JSON.stringify(result));
