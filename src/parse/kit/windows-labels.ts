/**
 * Labels of Windows' rendered event texts, in lower case with plain apostrophes, and the data names they stand for:
 * English, German, French. A section's label tells whose account the labels below it speak of.
 */
const rows = (text: string): [string, string][] =>
  text
    .trim()
    .split('\n')
    .flatMap((row) => {
      const [key, labels] = row.split(' = ') as [string, string];
      return labels.split(' | ').map((label): [string, string] => [label.trim(), key.trim()]);
    });

export const SECTIONS: ReadonlyMap<string, string> = new Map(
  rows(`
    Subject = subject | creator subject | user | antragsteller | ersteller-antragsteller | benutzer | sujet | sujet du créateur
    Target = new logon | account for which logon failed | account whose credentials were used | target account | target subject | account that was locked out | new account | account information | group | new group | changed group | deleted group
    Target = neue anmeldung | konto, für das die anmeldung fehlgeschlagen ist | konto, dessen anmeldeinformationen verwendet wurden | zielkonto | zielantragsteller | gesperrtes konto | neues konto | kontoinformationen | gruppe | neue gruppe
    Target = nouvelle ouverture de session | compte pour lequel l'ouverture de session a échoué | compte dont les informations d'identification ont été utilisées | compte cible | sujet cible | compte verrouillé | compte qui a été verrouillé | nouveau compte | informations de compte | informations sur le compte | groupe | nouveau groupe
    Member = member | mitglied | membre`),
);

/** Below a section: what is behind the section's word in the data's name. */
export const IN_SECTION: ReadonlyMap<string, string> = new Map(
  rows(`
    UserName = account name | user name | group name | kontoname | benutzername | gruppenname | nom du compte | nom d'utilisateur | nom du groupe
    DomainName = account domain | domain | domain name | domänenname | nom de domaine | group domain | kontodomäne | domäne | gruppendomäne | domaine du compte | domaine | domaine du groupe
    UserSid = security id | sicherheits-id | id de sécurité
    LogonId = logon id | anmelde-id | id d'ouverture de session`),
);

export const ANYWHERE: ReadonlyMap<string, string> = new Map(
  rows(`
    LogonType = logon type | anmeldetyp | type d'ouverture de session
    WorkstationName = workstation name | arbeitsstationsname | name der arbeitsstation | nom de la station de travail
    Workstation = source workstation | quellarbeitsstation | station de travail source
    IpAddress = source network address | network address | client address | quellnetzwerkadresse | netzwerkadresse | clientadresse | adresse du réseau source | adresse réseau source | adresse réseau | adresse du client
    IpPort = source port | client port | port | quellport | clientport | port source | port du client
    LogonProcessName = logon process | anmeldeprozess | processus d'ouverture de session
    AuthenticationPackageName = authentication package | authentifizierungspaket | package d'authentification
    Status = status | error code | failure code | result code | fehlercode | ergebniscode | état | code d'erreur | code de résultat | code d'échec
    SubStatus = sub status | unterstatus | sous-état | sous-statut
    FailureReason = failure reason | fehlerursache | raison de l'échec
    TargetUserName = logon account | user name | anmeldekonto | benutzername | compte d'ouverture de session
    TargetDomainName = domain name | domänenname
    NewProcessId = new process id | neue prozess-id | id des neuen prozesses | id du nouveau processus
    NewProcessName = new process name | neuer prozessname | nom du nouveau processus
    ProcessId = process id | caller process id | prozess-id | aufrufprozess-id | id du processus | id du processus de l'appelant
    ProcessName = process name | caller process name | prozessname | aufrufprozessname | nom du processus | nom du processus de l'appelant
    ParentProcessName = creator process name | erstellerprozessname | nom du processus créateur
    CommandLine = process command line | prozessbefehlszeile | ligne de commande du processus
    ShareName = share name | freigabename | nom du partage
    RelativeTargetName = relative target name | relativer zielname | nom de la cible relative
    ServiceName = service name | dienstname | nom du service
    ServiceFileName = service file name | dienstdateiname | nom du fichier de service
    ServiceType = service type | diensttyp | type de service
    ServiceStartType = service start type | dienststarttyp | type de démarrage du service
    ServiceAccount = service account | dienstkonto | compte de service
    TaskName = task name | aufgabenname | nom de la tâche
    TargetServerName = target server name | zielservername | nom du serveur cible
    User = user | benutzer | utilisateur
    SessionID = session id | sitzungs-id | id de session
    Domain = domain | domäne | domaine
    SourceAddress = source address | quelladresse | adresse source
    DestAddress = destination address | zieladresse | adresse de destination
    DestPort = destination port | zielport | port de destination
    Protocol = protocol | protokoll | protocole
    CallingStationID = calling station identifier
    ClientName = client friendly name
    AuthenticationServer = authentication server
    AuthenticationType = authentication type
    NetworkPolicyName = network policy name
    NASPortType = nas port-type
    Reason = reason
    Direction = direction | richtung
    Application = application name | anwendungsname | nom de l'application`),
);

/** The first sentence of an event, where a collector kept the text and lost the number. */
export const TITLES: ReadonlyMap<string, string> = new Map(
  rows(`
    4624 = an account was successfully logged on | ein konto wurde erfolgreich angemeldet | l'ouverture de session d'un compte s'est correctement déroulée
    4625 = an account failed to log on | fehler beim anmelden eines kontos | échec d'ouverture de session d'un compte
    4634 = an account was logged off | ein konto wurde abgemeldet | fermeture de session d'un compte
    4647 = user initiated logoff | benutzerinitiierte abmeldung | fermeture de session initiée par l'utilisateur
    4648 = a logon was attempted using explicit credentials | anmeldeversuch mit expliziten anmeldeinformationen | tentative d'ouverture de session en utilisant des informations d'identification explicites
    4672 = special privileges assigned to new logon | einer neuen anmeldung wurden besondere rechte zugewiesen | privilèges spéciaux attribués à la nouvelle ouverture de session
    4688 = a new process has been created | ein neuer prozess wurde erstellt | un nouveau processus a été créé
    4689 = a process has exited | ein prozess wurde beendet | un processus s'est terminé
    4697 = a service was installed in the system | im system wurde ein dienst installiert | auf dem system wurde ein dienst installiert | un service a été installé dans le système
    7045 = ein dienst wurde im system installiert | un service a été installé sur le système
    4698 = a scheduled task was created | eine geplante aufgabe wurde erstellt | une tâche planifiée a été créée
    4720 = a user account was created | ein benutzerkonto wurde erstellt | un compte d'utilisateur a été créé
    4722 = a user account was enabled | ein benutzerkonto wurde aktiviert | un compte d'utilisateur a été activé
    4723 = an attempt was made to change an account's password | es wurde versucht, das kennwort eines kontos zu ändern | une tentative de modification de mot de passe d'un compte a été effectuée | une tentative de modification du mot de passe d'un compte a été effectuée
    4724 = an attempt was made to reset an account's password | es wurde versucht, das kennwort eines kontos zurückzusetzen | une tentative de réinitialisation de mot de passe d'un compte a été effectuée | une tentative de réinitialisation du mot de passe d'un compte a été effectuée
    4725 = a user account was disabled | ein benutzerkonto wurde deaktiviert | un compte d'utilisateur a été désactivé
    4726 = a user account was deleted | ein benutzerkonto wurde gelöscht | un compte d'utilisateur a été supprimé
    4728 = a member was added to a security-enabled global group | ein mitglied wurde einer sicherheitsaktivierten globalen gruppe hinzugefügt | un membre a été ajouté à un groupe global dont la sécurité est activée
    4729 = a member was removed from a security-enabled global group | ein mitglied wurde aus einer sicherheitsaktivierten globalen gruppe entfernt | un membre a été supprimé d'un groupe global dont la sécurité est activée
    4732 = a member was added to a security-enabled local group | ein mitglied wurde einer sicherheitsaktivierten lokalen gruppe hinzugefügt | un membre a été ajouté à un groupe local dont la sécurité est activée
    4733 = a member was removed from a security-enabled local group | ein mitglied wurde aus einer sicherheitsaktivierten lokalen gruppe entfernt | un membre a été supprimé d'un groupe local dont la sécurité est activée
    4738 = a user account was changed | ein benutzerkonto wurde geändert | un compte d'utilisateur a été modifié
    4740 = a user account was locked out | ein benutzerkonto wurde gesperrt | un compte d'utilisateur a été verrouillé
    4756 = a member was added to a security-enabled universal group | ein mitglied wurde einer sicherheitsaktivierten universellen gruppe hinzugefügt | un membre a été ajouté à un groupe universel dont la sécurité est activée
    4757 = a member was removed from a security-enabled universal group
    4767 = a user account was unlocked | ein benutzerkonto wurde entsperrt | un compte d'utilisateur a été déverrouillé
    4768 = a kerberos authentication ticket (tgt) was requested | ein kerberos-authentifizierungsticket (tgt) wurde angefordert | un ticket d'authentification kerberos (tgt) a été demandé
    4769 = a kerberos service ticket was requested | ein kerberos-dienstticket wurde angefordert | un ticket de service kerberos a été demandé
    4770 = a kerberos service ticket was renewed | ein kerberos-dienstticket wurde erneuert | un ticket de service kerberos a été renouvelé
    4771 = kerberos pre-authentication failed | fehler bei der kerberos-vorauthentifizierung | la pré-authentification kerberos a échoué
    4776 = the computer attempted to validate the credentials for an account | the domain controller attempted to validate the credentials for an account | der computer hat versucht, die anmeldeinformationen für ein konto zu überprüfen | l'ordinateur a tenté de valider les informations d'identification d'un compte
    4778 = a session was reconnected to a window station | eine sitzung wurde wieder mit einer arbeitsstation verbunden | une session a été reconnectée à une station windows
    4779 = a session was disconnected from a window station | eine sitzung wurde von einer arbeitsstation getrennt | une session a été déconnectée d'une station windows
    1102 = the audit log was cleared | das überwachungsprotokoll wurde gelöscht | le journal d'audit a été effacé
    5140 = a network share object was accessed | es wurde auf ein netzwerkfreigabeobjekt zugegriffen | un objet de partage réseau a fait l'objet d'un accès
    5145 = a network share object was checked to see whether client can be granted desired access
    5156 = the windows filtering platform has permitted a connection | die windows-filterplattform hat eine verbindung zugelassen | la plateforme de filtrage windows a autorisé une connexion
    5157 = the windows filtering platform has blocked a connection | die windows-filterplattform hat eine verbindung blockiert | la plateforme de filtrage windows a bloqué une connexion`),
);
