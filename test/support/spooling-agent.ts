import { deliverToLogger } from '../../src/core/agent/deliver-to-logger.ts';
import { Shipper } from '../../src/core/agent/shipper.ts';
import { batchOf } from './sample-batch.ts';
import { openTestSpool } from './spool-folder.ts';

// An agent in a process of its own, to be killed: sends batches, each of a host of its own, as fast as it can, and prints
// the host's name once the batch was taken. Arguments: address of the logger, folder of the spool, prefix of the names.
const [url, folder, prefix] = process.argv.slice(2) as [string, string, string];
const shipper = new Shipper(deliverToLogger(url), openTestSpool(folder));
for (let number = 0; ; number++) {
  const hostname = `${prefix}-${number}`;
  await shipper.send(batchOf(3, { hostname }));
  process.stdout.write(`${hostname}\n`);
}
