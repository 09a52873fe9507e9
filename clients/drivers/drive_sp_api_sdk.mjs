// npm's @sp-api-sdk: all methods of all clients of the family. It has no setting for its addresses.
import {createRequire} from 'node:module'
import path from 'node:path'
import {main, nextArguments, plain} from './walking.mjs'

const packages = createRequire(path.join(process.cwd(), 'package.json'))
const load = name => packages(`@sp-api-sdk/${name}`)

/** Name, method, path and parameters of each operation of an API, from the source of its functions. */
function* operationsOf(parameterCreator) {
  for (const [name, make] of Object.entries(parameterCreator())) {
    const source = make.toString()
    const names = source.match(/\(([^)]*)\)/)[1].split(',').map(one => one.trim().split(' ')[0])
    const template = source.match(/(?:localVarPath = |new URL\()[`"']([^`"']+)[`"']/)[1]
    const method = source.match(/method: ['"](\w+)['"]/)[1]
    const body = source.match(/serializeDataIfNeeded\)?\((\w+),/)?.[1] ?? null
    yield {name, names: names.filter(one => one !== 'options'), template, method, body}
  }
}

async function run(plan, auth, module, clientName, found, call) {
  const given = nextArguments(call)
  const {SellingPartnerApiAuth, tokens} = auth
  const {client_id: clientId, client_secret: clientSecret, refresh_token: refreshToken} = plan.settings
  const login = new SellingPartnerApiAuth(
    call.grantless ? {clientId, clientSecret, scopes: [call.grantless]} : {clientId, clientSecret, refreshToken}
  )
  const options = {auth: login, region: 'na'}
  if (call.restricted) {
    const client = new tokens.TokensApiClient({auth: login, region: 'na'})
    const body = {restrictedResources: [{method: call.method, path: given.filled_path}]}
    options.restrictedDataToken = (await client.createRestrictedDataToken({body})).data.restrictedDataToken
  }
  const values = new Map(
    Object.entries({...given.path_values, ...given.query, ...given.headers}).map(([name, value]) => [plain(name), value])
  )
  const request = {}
  for (const name of found.names) {
    if (values.has(plain(name))) {
      request[name] = values.get(plain(name))
      values.delete(plain(name))
    }
  }
  if (values.size > 0) throw new TypeError(`it does not take ${[...values.keys()]}`)
  if (found.body) request[found.body] = given.body
  await new module[clientName](options)[found.name](request)
}

await main(plan => {
  const {SellingPartnerApiAuth} = load('auth')
  const auth = {SellingPartnerApiAuth, tokens: load('tokens-api-2021-03-01')}
  const {dependencies} = packages('./package.json')
  const names = Object.keys(dependencies).map(name => name.replace('@sp-api-sdk/', ''))
  const methods = []
  for (const name of names.filter(one => one.includes('-api-'))) {
    const module = load(name)
    for (const clientName of Object.keys(module).filter(one => one.endsWith('ApiClient'))) {
      const creators = Object.keys(module).filter(one => one.endsWith('AxiosParamCreator'))
      for (const found of creators.flatMap(one => [...operationsOf(module[one])])) {
        if (!(found.name in module[clientName].prototype)) continue
        methods.push({
          name: `${name}.${found.name}`,
          call: plan.find(found.method, found.template),
          request: `${found.method} ${found.template}`,
          run: call => run(plan, auth, module, clientName, found, call),
        })
      }
    }
  }
  return methods
})
