// What the drivers in JavaScript share; see walking.py. A driver runs in the folder of its client's packages:
// `node DRIVER.mjs PLAN RESULTS`.
import {appendFileSync, readFileSync, writeFileSync} from 'node:fs'

const MAX_PROBLEM = 600

const bare = path => path.replace(/\{[^}]*\}/g, '{}').replace(/\/$/, '')

/** The name without case and punctuation, to find parameters that clients have renamed. */
export const plain = name => name.toLowerCase().replace(/[^a-z0-9]/g, '')

/** Read a plan: `calls`, `settings`, and `find(method, path)`. */
function readPlan(file) {
  const plan = JSON.parse(readFileSync(file, 'utf8'))
  const byPath = new Map(plan.calls.map(call => [`${call.method} ${bare(call.path)}`, call]))
  plan.find = (method, path) => byPath.get(`${method.toUpperCase()} ${bare(path)}`) ?? null
  return plan
}

/** Arguments that no call has used, if there are any. */
export function nextArguments(call) {
  call.used ??= 0
  const chosen = call.arguments[Math.min(call.used, call.arguments.length - 1)]
  call.used += 1
  return chosen
}

function problemOf(error) {
  const answer = error?.response?.data ?? error?.response?.text ?? error?.innerMessage ?? ''
  const details = typeof answer === 'string' ? answer : JSON.stringify(answer)
  return `${error?.name ?? 'Error'}: ${error?.message ?? error} ${error?.details ?? ''} ${details}`.slice(0, MAX_PROBLEM)
}

/**
 * Call all methods in the order of the plan, and write what came of each.
 * `methodsOf(plan)` gives objects with `name`, `call` (or null), `request` and `run(call)`.
 */
export async function main(methodsOf) {
  const [planFile, resultsFile] = process.argv.slice(2)
  const plan = readPlan(planFile)
  const order = new Map(plan.calls.map((call, position) => [call.id, position]))
  const position = method => (method.call ? order.get(method.call.id) : -1)
  const methods = [...(await methodsOf(plan))].sort((one, other) => position(one) - position(other))
  writeFileSync(resultsFile, '')
  for (const method of methods) {
    let problem = method.call ? '' : `no operation: ${method.request}`
    if (method.call) {
      try {
        await method.run(method.call)
      } catch (error) {
        problem = problemOf(error)
      }
    }
    const entry = {client_method: method.name, operation: method.call?.id ?? null, problem}
    appendFileSync(resultsFile, `${JSON.stringify(entry)}\n`)
  }
}
