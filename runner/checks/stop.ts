// The first Ctrl-C or SIGTERM asks a command to stop in order; the second one kills it.

export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(name, () => controller.abort(new Error(`Stopped by ${name}`)));
  return controller.signal;
}
