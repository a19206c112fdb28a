// SPDX-License-Identifier: MIT
//
// Purpose: today's ClickHouse engine, as npm's chdb carries it, behind as much of ClickHouse's HTTP
//   interface as the store uses. For tests: one query at a time, no passwords.
//     node bridge.mjs PORT FOLDER
import {createServer} from 'node:http';
import {createRequire} from 'node:module';
import {mkdirSync, unlinkSync, writeFileSync} from 'node:fs';

const {Session} = createRequire(import.meta.url)('chdb');
const [port, folder] = process.argv.slice(2);
mkdirSync(`${folder}/data`, {recursive: true});
const session = new Session(`${folder}/data`);
let inserts = 0;

const ask = (sql) => session.queryAsync(sql, {format: 'TSV'});

// The engine reads rows from a file, whose columns it has to be told.
async function insert(statement, rows) {
  const [, table, list] = /^INSERT INTO (\w+) \(([^)]*)\) FORMAT RowBinary$/.exec(statement);
  const types = new Map((await ask(`DESCRIBE TABLE ${table}`)).text().trim().split('\n')
    .map((line) => line.split('\t').slice(0, 2)));
  const columns = list.split(', ');
  const file = `${folder}/insert-${++inserts}`;
  writeFileSync(file, rows);
  const structure = columns.map((name) => `${name} ${types.get(name)}`).join(', ');
  try {
    await ask(`INSERT INTO ${table} (${list}) SELECT * FROM file('${file}', 'RowBinary', '${structure}')`);
  } finally {
    unlinkSync(file);
  }
  return '';
}

async function answer(url, body) {
  const database = url.searchParams.get('database');
  await ask(`USE ${database ?? 'default'}`);
  const statement = url.searchParams.get('query');
  if (statement !== null) return insert(statement, body);
  return (await ask(body.toString())).bytes();
}

let last = Promise.resolve();
createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    last = last.then(async () => {
      try {
        response.end(request.method === 'GET' ? 'Ok.\n'
          : Buffer.from(await answer(new URL(request.url, 'http://bridge'), Buffer.concat(chunks))));
      } catch (error) {
        response.statusCode = 500;
        response.end(`${error.message}\n`);
      }
    });
  });
}).listen(Number(port), '127.0.0.1');
