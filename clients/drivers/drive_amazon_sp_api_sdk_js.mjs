// Amazon's SDK for JavaScript: all methods of its API classes. It logs in at Amazon's own address.
import {readFileSync, readdirSync} from 'node:fs'
import {createRequire} from 'node:module'
import path from 'node:path'
import {pathToFileURL} from 'node:url'
import {main, nextArguments, plain} from './walking.mjs'

const PACKAGE = '@amazon-sp-api-release/amazon-sp-api-sdk-js'
const packages = createRequire(path.join(process.cwd(), 'package.json'))
const root = path.join(process.cwd(), 'node_modules', PACKAGE, 'src')

/** Names of parameters and the path, from the source of a method. */
function* methodsIn(source) {
  const pattern = /^ {2}(\w+)WithHttpInfo \(([^)]*)\) \{(.*?)^ {2}\}/gms
  for (const [, name, parameters, body] of source.matchAll(pattern)) {
    const [, template, method] = body.match(/callApi\('[^']*',\s*'([^']+)', '(\w+)'/)
    const postBody = body.match(/const postBody = (.+)/)[1]
    const names = parameters.split(',').map(parameter => parameter.trim()).filter(Boolean)
    const optional = [...body.matchAll(/opts(?:\.|\[')(\w+)/g)].map(match => match[1])
    yield {name, names, optional, template, method, postBody}
  }
}

async function restrictedToken(plan, method, filledPath) {
  const tokens = await load('tokens_v2021_03_01')
  const api = new tokens.TokensApi(client(plan, tokens, null))
  const answer = await api.createRestrictedDataToken({restrictedResources: [{method, path: filledPath}]})
  return answer.restrictedDataToken
}

const load = async folder => import(pathToFileURL(path.join(root, folder, 'index.js')))

function client(plan, module, scope) {
  const {endpoint, client_id: id, client_secret: secret, refresh_token: refresh} = plan.settings
  const made = new module.ApiClient(endpoint)
  made.enableAutoRetrievalAccessToken(id, secret, scope ? null : refresh, scope)
  made.disableRateLimiter()
  return made
}

async function run(plan, module, className, found, call) {
  const given = nextArguments(call)
  const apiClient = client(plan, module, call.grantless)
  if (call.restricted) {
    apiClient.applyXAmzAccessTokenToRequest(await restrictedToken(plan, call.method, given.filled_path))
  }
  const values = new Map(
    Object.entries({...given.path_values, ...given.query, ...given.headers}).map(([name, value]) => [plain(name), value])
  )
  const api = new module[className](apiClient)
  const positional = []
  const options = {}
  for (const name of found.names) {
    if (name === 'opts') continue
    if (values.has(plain(name))) {
      positional.push(values.get(plain(name)))
      values.delete(plain(name))
    } else if (found.postBody === name) {
      positional.push(given.body)
    } else {
      throw new TypeError(`it needs ${name}`)
    }
  }
  for (const name of found.optional) {
    if (found.postBody.startsWith('opts') && found.postBody.includes(name)) options[name] = given.body ?? undefined
    else if (values.has(plain(name))) options[name] = values.get(plain(name))
    values.delete(plain(name))
  }
  if (values.size > 0) throw new TypeError(`it does not take ${[...values.keys()]}`)
  if (found.names.includes('opts')) positional.push(options)
  await api[found.name](...positional)
}

await main(async plan => {
  const methods = []
  for (const folder of readdirSync(root)) {
    const module = await load(folder)
    for (const file of readdirSync(path.join(root, folder, 'api')).filter(name => name.endsWith('.js'))) {
      const className = file.slice(0, -3)
      const source = readFileSync(path.join(root, folder, 'api', file), 'utf8')
      for (const found of methodsIn(source)) {
        methods.push({
          name: `${folder}.${className}.${found.name}`,
          call: plan.find(found.method, found.template),
          request: `${found.method} ${found.template}`,
          run: call => run(plan, module, className, found, call),
        })
      }
    }
  }
  return methods
})
