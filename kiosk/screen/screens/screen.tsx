import { useVisit } from '../parts/visit.tsx';
import { CardScreen } from './card.tsx';
import { CheckScreen } from './check.tsx';
import { CollectScreen } from './collect.tsx';
import { ConsentScreen } from './consent.tsx';
import { FarewellScreen } from './farewell.tsx';
import { FaultScreen } from './fault.tsx';
import { HelperScreen } from './helper.tsx';
import { HomeScreen } from './home.tsx';
import { QuestionScreen } from './question.tsx';
import { RateScreen } from './rate.tsx';
import { ServiceScreen } from './service.tsx';
import { VerifyScreen } from './verify.tsx';
import { WelcomeScreen } from './welcome.tsx';
import { WorkingScreen } from './working.tsx';

/** The page of the snapshot. */
export function Screen() {
  const { view } = useVisit().snapshot;
  switch (view.screen) {
    case 'welcome':
      return <WelcomeScreen />;
    case 'card':
      return <CardScreen view={view} />;
    case 'consent':
      return <ConsentScreen view={view} />;
    case 'verify':
      return <VerifyScreen view={view} />;
    case 'home':
      return <HomeScreen view={view} />;
    case 'service':
      return <ServiceScreen view={view} />;
    case 'question':
      return <QuestionScreen view={view} />;
    case 'check':
      return <CheckScreen view={view} />;
    case 'working':
      return <WorkingScreen view={view} />;
    case 'collect':
      return <CollectScreen view={view} />;
    case 'rate':
      return <RateScreen />;
    case 'farewell':
      return <FarewellScreen view={view} />;
    case 'helper':
      return <HelperScreen view={view} />;
    case 'fault':
      return <FaultScreen view={view} />;
  }
}
