import { fleet } from '../../machines/fleet.ts';
import { fleetStream } from '../blast-radius.ts';
import type { ControlPlane } from '../control-plane.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { originOf } from './site-control.ts';

type FleetControl = Pick<ControlPlane, 'getFleet' | 'resumeFleet'>;

export function createFleetControl({ actors, newId }: CloudDependencies): FleetControl {
  return {
    getFleet: ({ tenant }) => actors.load(fleet, fleetStream(tenant)),
    resumeFleet: (caller, reason) =>
      actors.send(
        fleet,
        fleetStream(caller.tenant),
        { type: 'resume', reason },
        originOf(caller, null, newId()),
      ),
  };
}
