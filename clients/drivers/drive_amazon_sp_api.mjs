// npm's amazon-sp-api: all operations of all its endpoints. It has no setting for its addresses.
import {createRequire} from 'node:module'
import path from 'node:path'
import {main, nextArguments} from './walking.mjs'

const {SellingPartner} = createRequire(path.join(process.cwd(), 'package.json'))('amazon-sp-api')

/** The method and the path of an operation, from its source. */
function requestOf(make) {
  const source = make.toString()
  const [, expression] = source.match(/api_path:\s*([^,}]+?)\s*[,}]/s)
  const template = expression.replace(/req_params\.path\.(\w+)/g, "'{$1}'").replace(/'\s*\+\s*'/g, '')
  return {method: source.match(/method: '(\w+)'/)[1], template: template.trim().slice(1, -1)}
}

async function run(client, operation, version, call) {
  const given = nextArguments(call)
  const request = {
    operation,
    path: Object.fromEntries(Object.entries(given.path_values).map(([name, value]) => [name, String(value)])),
    query: given.query,
    headers: given.headers,
    options: {version},
  }
  if (given.body !== null) request.body = given.body
  if (call.restricted) {
    const resource = {method: call.method, path: given.filled_path}
    const answer = await client.callAPI({
      operation: 'tokens.createRestrictedDataToken',
      body: {restrictedResources: [resource]},
    })
    request.restricted_data_token = answer.restrictedDataToken
  }
  await client.callAPI(request)
}

await main(plan => {
  const client = new SellingPartner({
    region: 'na',
    refresh_token: plan.settings.refresh_token,
    credentials: {
      SELLING_PARTNER_APP_CLIENT_ID: plan.settings.client_id,
      SELLING_PARTNER_APP_CLIENT_SECRET: plan.settings.client_secret,
    },
  })
  const methods = []
  for (const [name, endpoint] of Object.entries(client.endpoints)) {
    for (const version of endpoint.__versions) {
      for (const [operation, make] of Object.entries(endpoint[version])) {
        const {method, template} = requestOf(make)
        methods.push({
          name: `${name}.${operation} ${version}`,
          call: plan.find(method, template),
          request: `${method} ${template}`,
          run: call => run(client, `${name}.${operation}`, version, call),
        })
      }
    }
  }
  return methods
})
