// The failure that says nothing about the request: no usable answer came.
import { ConnectorError, type ConnectorErrorOptions } from '../../errors.ts';

/** A transient ConnectorError: the connection failed, the deadline passed, or the body was cut or is not what it says. */
export class LostAnswer extends ConnectorError {
  /** False only when the request certainly never reached the server, so that even a POST may be sent again. */
  readonly arrived: boolean;

  constructor(message: string, options: ConnectorErrorOptions & { readonly arrived: boolean }) {
    super('transient', message, options);
    this.arrived = options.arrived;
  }
}
