// A service for host tests: listens on the port given as its argument, prints a line, and does what its second argument says.
import { createServer } from 'node:http'

const [port, behaviour = 'serve'] = process.argv.slice(2)
const say = (line) => process.stdout.write(`${line}\n`)
say(`started on ${port}`)
if (behaviour === 'crash') process.exit(3)
if (behaviour === 'stubborn') process.on('SIGTERM', () => say('not now'))
createServer((_request, response) => response.end(String(process.pid))).listen(Number(port), '127.0.0.1', () => say('listening'))
