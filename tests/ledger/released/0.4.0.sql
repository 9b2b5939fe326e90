BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0020');
CREATE TABLE approver (
	id VARCHAR NOT NULL, 
	sealed VARCHAR NOT NULL, 
	key_id VARCHAR NOT NULL, 
	used_step INTEGER NOT NULL, 
	failures INTEGER NOT NULL, 
	locked_until DATETIME, 
	mac VARCHAR, 
	PRIMARY KEY (id)
);
INSERT INTO "approver" VALUES('0123456789abcdef0123456789abcdef','gAAAAABrDcyg2665s-86fO6VvSA01DpsCKGFjRo88S-uGgxbaE9fWjdtC3D8ZH0BJwAWT559EHUs0FGA-7w1s0E4w26OrkhHCzkFkDWUoFHsGVv9MJGkbXKkoCuTHHYUDmRpvq3ouMqLU4YxX8tojwtk1yvXqiYIrB0M5E85lWhG_vPsev0bDa4U0m2JGUGL-bgOsPgwcDhVva6tQISooLHDbU7NUnSaJKYEi3IfkFdM4LOntZLQWpEXjKkoSIlwyILkps_UtCBZ53naljodwgW0UNlEeujDFQ==','3b4c778d',59868882,0,NULL,'3b4c778d:6dd4dbde90900815aeda4cffc091bc08c57ee7773575e957042d3464c01b8e19');
CREATE TABLE claim (
	"key" VARCHAR NOT NULL, 
	device VARCHAR NOT NULL, 
	"run_id" VARCHAR NOT NULL, 
	PRIMARY KEY ("key"), 
	FOREIGN KEY("run_id") REFERENCES "connection_run" (id)
);
INSERT INTO "claim" VALUES('provision_api tenant acme: MAC 02:00:00:00:00:16','edge-022','e10618c8c98f4ba8bcd1de27a59c0528');
INSERT INTO "claim" VALUES('provision_api tenant acme: MAC 02:00:00:00:00:17','edge-023','e10618c8c98f4ba8bcd1de27a59c0528');
INSERT INTO "claim" VALUES('provision_api tenant acme: device plant-8/edge-022','edge-022','e10618c8c98f4ba8bcd1de27a59c0528');
INSERT INTO "claim" VALUES('provision_api tenant acme: device plant-8/edge-023','edge-023','e10618c8c98f4ba8bcd1de27a59c0528');
CREATE TABLE "connection_run" (
	id VARCHAR NOT NULL, 
	site VARCHAR NOT NULL, 
	scope VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	started_at DATETIME NOT NULL, 
	lease_until DATETIME NOT NULL, 
	ended_at DATETIME, lease_seconds FLOAT DEFAULT 15 NOT NULL, renewals INTEGER DEFAULT 0 NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "connection_run" VALUES('23821548eadd45b2895a6113d16c4582','plant-7','LEM project north','steady-heron','2026-03-02 09:00:00.000000','2026-03-02 09:07:00.000000','2026-03-02 09:07:00.000000',15.0,0);
INSERT INTO "connection_run" VALUES('ca953df8f6494ab2aa5c623f8b077236','plant-8','Acusight organization acme','brave-lynx','2026-03-02 09:00:00.000000','2026-03-02 09:02:00.000000','2026-03-02 09:02:00.000000',15.0,0);
INSERT INTO "connection_run" VALUES('e10618c8c98f4ba8bcd1de27a59c0528','plant-8','provision_api tenant acme','swift-crane','2026-03-02 09:03:00.000000','2026-03-02 09:03:15.000000',NULL,15.0,0);
INSERT INTO "connection_run" VALUES('6b71ced561df4f13affcb48ee6ddd671','plant-9','LEM project north','brave-otter','2026-03-12 09:00:00.000000','2026-03-12 09:00:00.000000','2026-03-12 09:00:00.000000',15.0,0);
INSERT INTO "connection_run" VALUES('bb9cdf2252694f31bf1a4ba8877f6747','plant-9','provision_api tenant acme','calm-finch','2026-03-12 09:00:00.000000','2026-03-12 09:00:00.000000','2026-03-12 09:00:00.000000',15.0,0);
INSERT INTO "connection_run" VALUES('ca968ca5ee5842b89d08702220329014','plant-20','LEM project 462j1mq70mph31wa100t1yuxa','run','2026-11-30 15:55:31.082193','2026-11-30 15:55:31.454199','2026-11-30 15:55:31.454199',3600.0,0);
INSERT INTO "connection_run" VALUES('9719bf3a36d74b748f30879eafec8d46','plant-20','provision_api tenant tenant-a','run','2026-11-30 15:55:32.316037','2026-11-30 15:55:32.641549','2026-11-30 15:55:32.641549',3600.0,0);
INSERT INTO "connection_run" VALUES('efc00fa0dbdc4fcaaad5e98c79c18090','plant-20','Acusight organization acusight','run','2026-11-30 15:55:32.690768','2026-11-30 15:55:33.033731','2026-11-30 15:55:33.033731',3600.0,0);
INSERT INTO "connection_run" VALUES('61371510d94f4894b320bc3111b4cdf5','plant-20','LEM project 462j1mq70mph31wa100t1yuxa','run','2026-11-30 19:21:03.187473','2026-11-30 19:21:03.455427','2026-11-30 19:21:03.455427',3600.0,0);
INSERT INTO "connection_run" VALUES('d848f147583a4fd789d8d0b17ec5b310','plant-20','Acusight organization acusight','run','2026-11-30 19:21:03.470360','2026-11-30 19:21:04.113850','2026-11-30 19:21:04.113850',3600.0,0);
INSERT INTO "connection_run" VALUES('dd31f9f752084107bc0df63bad7c78f3','plant-20','provision_api tenant tenant-a','run','2026-11-30 19:21:04.159186','2026-11-30 19:21:04.505377','2026-11-30 19:21:04.505377',3600.0,0);
CREATE TABLE decision (
	id INTEGER NOT NULL, 
	decided_at DATETIME NOT NULL, 
	decided_by VARCHAR NOT NULL, 
	how VARCHAR NOT NULL, 
	decision VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	scope VARCHAR NOT NULL, 
	site VARCHAR NOT NULL, 
	device VARCHAR, 
	request_key VARCHAR NOT NULL, 
	fingerprint VARCHAR NOT NULL, 
	evidence VARCHAR NOT NULL, 
	evidence_hash VARCHAR NOT NULL, 
	policy VARCHAR NOT NULL, 
	policy_version VARCHAR NOT NULL, 
	quorum INTEGER NOT NULL, 
	review_id VARCHAR, 
	previous_hash VARCHAR NOT NULL, 
	hash VARCHAR NOT NULL, mac VARCHAR, proof VARCHAR, 
	PRIMARY KEY (id), 
	UNIQUE (hash), 
	UNIQUE (previous_hash)
);
INSERT INTO "decision" VALUES(1,'2026-03-02 09:01:00.000000','policy exact-match','rule','approve','it shows this site''s code and MAC 02:00:00:00:00:04','LEM project north','plant-7','edge-004','4/cfg-1','db982f43d82433d4c9c385952da45ff60c161a59ffe1724f512720da259ea64c','{"arrivals":{"10 minutes":9,"hour":9,"minute":9},"asked_at":"2026-03-02T09:01:00+00:00","code":"own","code_of":"","device":"edge-004","expected":{"host_id":null,"macs":["02:00:00:00:00:04"]},"hardware":"x86","hostname":"edge-004","listed":11,"machines":11,"observed":{"host_id":null,"macs":["02:00:00:00:00:04"]},"request_id":"4","request_key":"4/cfg-1","site":"plant-7","suspicions":[],"version":"1.2.3"}','ea727897a40ff7e3c71c585b615b8889b50130d16d486776a1de5c0a4b98bfe9','exact-match','',1,NULL,'0000000000000000000000000000000000000000000000000000000000000000','06145d3c84fe3a4f6aaad959b5a05b6eb1c210e66856b92dff7833e3bb84123a','3b4c778d:4b223e189ee4d14609689492fac35f769ac5b6106bfbf794ccf2eaa003f5c01b',NULL);
INSERT INTO "decision" VALUES(2,'2026-03-02 09:01:00.000000','policy exact-match','rule','approve','it shows this site''s code and MAC 02:00:00:00:00:05','LEM project north','plant-7','edge-005','5/cfg-1','b87bec51e660060beeeb23bb48a1b81c98693c397fd6a2a87eb03a56403b9ae2','{"arrivals":{"10 minutes":9,"hour":9,"minute":9},"asked_at":"2026-03-02T09:01:00+00:00","code":"own","code_of":"","device":"edge-005","expected":{"host_id":null,"macs":["02:00:00:00:00:05"]},"hardware":"x86","hostname":"edge-005","listed":11,"machines":11,"observed":{"host_id":null,"macs":["02:00:00:00:00:05"]},"request_id":"5","request_key":"5/cfg-1","site":"plant-7","suspicions":[],"version":"1.2.3"}','c2e8f7b922b0e64cd779d75f8efccaffd63f7e6eaeb0715850e127f5aa7c7316','exact-match','',1,NULL,'06145d3c84fe3a4f6aaad959b5a05b6eb1c210e66856b92dff7833e3bb84123a','35f1f970d81b7805bbffbbc672f6fc5375c5847905e677b7c742e31864c334ce','3b4c778d:dd6e805698451dcc28ea13603db5c63a0aca93dc1cd1844f1db8fee0bb060ebb',NULL);
INSERT INTO "decision" VALUES(3,'2026-03-02 09:01:00.000000','policy exact-match','rule','approve','it shows this site''s code and MAC 02:00:00:00:00:08','LEM project north','plant-7','edge-008','8/cfg-1','eea4ea4fb1c5c7c799f00094c10a0d339a1bebff7e49ee83f629629d967760fe','{"arrivals":{"10 minutes":9,"hour":9,"minute":9},"asked_at":"2026-03-02T09:01:00+00:00","code":"own","code_of":"","device":"edge-008","expected":{"host_id":null,"macs":["02:00:00:00:00:08"]},"hardware":"x86","hostname":"edge-008","listed":11,"machines":11,"observed":{"host_id":null,"macs":["02:00:00:00:00:08"]},"request_id":"8","request_key":"8/cfg-1","site":"plant-7","suspicions":[],"version":"1.2.3"}','f19088b6632ce1399ebb891a38acbd3834da715187db290e4da72dfaea44a2d7','exact-match','',1,NULL,'35f1f970d81b7805bbffbbc672f6fc5375c5847905e677b7c742e31864c334ce','607fdb78394f7ebb4bb1342f8561db6d26e4cc0210819db4abf17631fb388f3a','3b4c778d:00c024f7858bcaa98d07753b087f65cee24c67086e30c15db90d6276ff1ad077',NULL);
INSERT INTO "decision" VALUES(4,'2026-03-02 09:01:00.000000','policy exact-match','rule','approve','it shows this site''s code and MAC 02:00:00:00:00:09','LEM project north','plant-7','edge-009','9/cfg-1','f90f31304b77c122edeb9d76fb94a5ade72a1ef8a0b8b087c9f3de22488a2755','{"arrivals":{"10 minutes":9,"hour":9,"minute":9},"asked_at":"2026-03-02T09:01:00+00:00","code":"own","code_of":"","device":"edge-009","expected":{"host_id":null,"macs":["02:00:00:00:00:09"]},"hardware":"x86","hostname":"edge-009","listed":11,"machines":11,"observed":{"host_id":null,"macs":["02:00:00:00:00:09"]},"request_id":"9","request_key":"9/cfg-1","site":"plant-7","suspicions":[],"version":"1.2.3"}','e8295ce5d284f72917d085d0ed71f30f3af030b501fcd984d7e52e1a8fea9578','exact-match','',1,NULL,'607fdb78394f7ebb4bb1342f8561db6d26e4cc0210819db4abf17631fb388f3a','c9246b1a7a5db2a619af3c12e7f3f3dd2faa8bb2f3c57ff93d43d53219a750ed','3b4c778d:20dc302a3508cfc40ae9bfec517dfd1703d8cb7b1112325bd9c898506ac04f63',NULL);
INSERT INTO "decision" VALUES(5,'2026-03-02 09:01:00.000000','policy exact-match','rule','approve','it shows this site''s code and MAC 02:00:00:00:00:0b','LEM project north','plant-7','edge-011','11/cfg-1','a881694503623f25583a09c32aa7255bb2d9de12f37163de81d37c9d862be081','{"arrivals":{"10 minutes":9,"hour":9,"minute":9},"asked_at":"2026-03-02T09:01:00+00:00","code":"own","code_of":"","device":"edge-011","expected":{"host_id":null,"macs":["02:00:00:00:00:0b"]},"hardware":"x86","hostname":"edge-011","listed":11,"machines":11,"observed":{"host_id":null,"macs":["02:00:00:00:00:0b"]},"request_id":"11","request_key":"11/cfg-1","site":"plant-7","suspicions":[],"version":"1.2.3"}','4b548d1fa0b9b6f1421615cefcdae308f2e21cf101143d46e421391a914bd133','exact-match','',1,NULL,'c9246b1a7a5db2a619af3c12e7f3f3dd2faa8bb2f3c57ff93d43d53219a750ed','56fd0e1b954c8cf078e3a133660354c5339a9b1491b3ebf69e67c48515537441','3b4c778d:6ed9bc1dc31ee2d1478b8c3c6d6528cfd24ee76e3cff05e439a1994c6d59929d',NULL);
INSERT INTO "decision" VALUES(6,'2026-03-02 09:01:00.000000','policy plant','shadow','approve','a policy in shadow mode decides nothing','LEM project north','plant-7','edge-002','2/cfg-1','35de7f3c903284ef5879d1de1af4e7a09742bf2820d0f211f7dca850e6ddde0d','{"arrivals":{"10 minutes":9,"hour":9,"minute":9},"asked_at":"2026-03-02T09:01:00+00:00","code":"own","code_of":"","device":"edge-002","expected":{"host_id":"host-2","macs":["02:00:00:00:00:02"]},"hardware":"x86","hostname":"edge-002","listed":11,"machines":11,"observed":{"host_id":"host-2","macs":["02:00:00:00:00:02"]},"request_id":"2","request_key":"2/cfg-1","site":"plant-7","suspicions":[],"version":"1.2.3"}','ddff6093ff915d041fc86727d940fb04561aed2ba2502981949d1549354339a8','plant','0815',1,NULL,'56fd0e1b954c8cf078e3a133660354c5339a9b1491b3ebf69e67c48515537441','dc00a32a1afbe1081a38ae96cb759363591b22987283a70e5ba4e565b04b7796','3b4c778d:d9a99923b8bcf72b950fed7747bd18d3bdaba1d6840cfc6ba71055cf3f0d9a4d',NULL);
INSERT INTO "decision" VALUES(7,'2026-03-02 09:02:00.000000','run quiet-otter','run','reject','as told','LEM project north','plant-7','edge-006','6/cfg-1','b8e0e540432b40d760e236f73c850fc2ac0c625501818947d5b31264a0fbfb36','{"arrivals":{"10 minutes":9,"hour":9,"minute":9},"asked_at":"2026-03-02T09:01:00+00:00","code":"own","code_of":"","device":"edge-006","expected":{"host_id":null,"macs":["02:00:00:00:00:06"]},"hardware":"x86","hostname":"edge-006","listed":11,"machines":11,"observed":{"host_id":null,"macs":["02:00:00:00:00:06"]},"request_id":"6","request_key":"6/cfg-1","site":"plant-7","suspicions":[],"version":"1.2.3"}','0de25e2ee22519826d1ff0044241e0e5ee9cb84550510de4cfe1ba8856bd1eed','exact-match','',1,NULL,'dc00a32a1afbe1081a38ae96cb759363591b22987283a70e5ba4e565b04b7796','aee44cacb09700727c728de984f726a41d617f3e37ffa5a1d87b3c9aa4f091b7','3b4c778d:50148057c9d42125b6f283f58b237234a0ff903bb0addab7173b4d94feaa15ce',NULL);
INSERT INTO "decision" VALUES(8,'2026-03-02 09:02:00.000000','night rules','rule','reject','the night rules say so','LEM project north','plant-7','edge-005','5/cfg-1','b87bec51e660060beeeb23bb48a1b81c98693c397fd6a2a87eb03a56403b9ae2','{"arrivals":{"10 minutes":9,"hour":9,"minute":9},"asked_at":"2026-03-02T09:01:00+00:00","code":"other","code_of":", but to site plant-8","device":"edge-005","expected":{"host_id":null,"macs":["02:00:00:00:00:05"]},"hardware":"x86","hostname":"edge-005","listed":11,"machines":11,"observed":{"host_id":null,"macs":["02:00:00:00:00:05"]},"request_id":"5","request_key":"5/cfg-1","site":"plant-7","suspicions":[],"version":"1.2.3"}','2768b5e5402f1fdc484684123c3f4db6297985958a044fc38648eb7ab3725ce4','exact-match','',1,NULL,'aee44cacb09700727c728de984f726a41d617f3e37ffa5a1d87b3c9aa4f091b7','677c60c1abbb4782c75dcae5f679a8551d938cb10732299bbb2ec2a3e2396a05','3b4c778d:b205a3c543a74033de0f8f0e0223fdfe2925ee242fe6144e65d7c128c126939a',NULL);
INSERT INTO "decision" VALUES(9,'2026-03-02 09:07:00.000000','Anna','person','approve','seen on site','LEM project north','plant-7','edge-003','3/cfg-1','d1ee5398da82a7495d88f25647b26115be8d1a1b40bfbfb6d2e455a78f7f561f','{"arrivals":{"10 minutes":9,"hour":9,"minute":9},"asked_at":"2026-03-02T09:01:00+00:00","code":"own","code_of":"","device":"edge-003","expected":{"host_id":null,"macs":["02:00:00:00:00:03"]},"hardware":"x86","hostname":"edge-003","listed":11,"machines":11,"observed":{"host_id":null,"macs":["02:00:00:00:00:03"]},"request_id":"3","request_key":"3/cfg-1","site":"plant-7","suspicions":[["clone","request 9 shows the same MAC, but is another machine"],["early","it asked before it was enrolled"]],"version":"1.2.3"}','5142789e2b55d641734d78cd1c14d7e6dbc79eafd722bb1ab461e885bf9aa8b1','plant','0815',2,'11111111111111111111111111111111','677c60c1abbb4782c75dcae5f679a8551d938cb10732299bbb2ec2a3e2396a05','7f0f50271e7c40467ddfe5cae471461d11915be00651d9d0ae02a0faad8f2f15','3b4c778d:7823c10b6e477a82c84aee5408954f36535d91c355bbc55ee4296a7752d38d47',NULL);
INSERT INTO "decision" VALUES(10,'2026-03-02 09:08:00.000000','Carl','person','approve','seen too','LEM project north','plant-7','edge-003','3/cfg-1','d1ee5398da82a7495d88f25647b26115be8d1a1b40bfbfb6d2e455a78f7f561f','{"arrivals":{"10 minutes":9,"hour":9,"minute":9},"asked_at":"2026-03-02T09:01:00+00:00","code":"own","code_of":"","device":"edge-003","expected":{"host_id":null,"macs":["02:00:00:00:00:03"]},"hardware":"x86","hostname":"edge-003","listed":11,"machines":11,"observed":{"host_id":null,"macs":["02:00:00:00:00:03"]},"request_id":"3","request_key":"3/cfg-1","site":"plant-7","suspicions":[["clone","request 9 shows the same MAC, but is another machine"],["early","it asked before it was enrolled"]],"version":"1.2.3"}','5142789e2b55d641734d78cd1c14d7e6dbc79eafd722bb1ab461e885bf9aa8b1','plant','0815',2,'11111111111111111111111111111111','7f0f50271e7c40467ddfe5cae471461d11915be00651d9d0ae02a0faad8f2f15','c5a842bcdd6ba10816a643fc3872d88919bf95195394c0af842fb422b37b655e','3b4c778d:73bf2538fc0fadb8277a6c7f9634a80c5b53bfb657366f9b301370826a397c62',NULL);
INSERT INTO "decision" VALUES(11,'2026-03-02 09:08:00.000000','Carl','person','reject','seen too','LEM project north','plant-7',NULL,'50/cfg-1','114e33db0c8d5872505546e9bd7bf0598a95d8848549153e298c97823e40610b','{"arrivals":{"10 minutes":9,"hour":9,"minute":9},"asked_at":"2026-03-02T09:01:00+00:00","code":"own","code_of":"","device":null,"expected":{"host_id":null,"macs":[]},"hardware":"x86","hostname":"gerät-50","listed":11,"machines":11,"observed":{"host_id":null,"macs":["02:00:00:00:00:32"]},"request_id":"50","request_key":"50/cfg-1","site":"plant-7","suspicions":[["stranger","it is no device of the roster"]],"version":"1.2.3"}','641865df8935c741cafce8ca79f0b15c8329b08454b2dba348cc67f77457cf5b','plant','0815',2,'11111111111111111111111111111111','c5a842bcdd6ba10816a643fc3872d88919bf95195394c0af842fb422b37b655e','5c71f01f4df2507d19dd0669cf5d770a7f249b11ee1923965c87562f6a2600a9','3b4c778d:3c33a38352ab9d5a218d764ee539e544fa51dd829a9135a009c087dd5b1406a7',NULL);
INSERT INTO "decision" VALUES(12,'2026-03-12 09:00:00.000000','policy exact-match','rule','hold','it shows new MACs','LEM project north','plant-9','edge-033','93/cfg-9','4904c9ef73a706a62d0d7c27d18a7e0c6e282b491ccab1d5d4aab21f85a92d77','{"arrivals":null,"asked_at":null,"code":"own","code_of":"","device":"edge-033","expected":{"host_id":"host-33","macs":["02:00:00:00:03:03"]},"hardware":"","hostname":"","listed":0,"machines":0,"observed":{"host_id":"host-33","macs":["02:00:00:00:03:03"]},"request_id":"93","request_key":"93/cfg-9","site":"plant-9","suspicions":[],"version":""}','2405b72ad4c04a7cb6515fdb8b8a719cb4eb412ee8265c44cc17e8699aca75ee','exact-match','',1,NULL,'5c71f01f4df2507d19dd0669cf5d770a7f249b11ee1923965c87562f6a2600a9','7a27b9063e0909c865ab1ada567f9b9805f9a5e3eb29cc22f78ef536be7ddb8c','3b4c778d:f87b44804a9d9b15e3ce0268a54f675e0e3242d4edef9b344d5a7781e04ebdd2',NULL);
INSERT INTO "decision" VALUES(13,'2026-03-12 09:01:00.000000','Dora','person','approve','as ordered','LEM project north','plant-9','edge-033','93/cfg-9','4904c9ef73a706a62d0d7c27d18a7e0c6e282b491ccab1d5d4aab21f85a92d77','{"arrivals":null,"asked_at":null,"code":"own","code_of":"","device":"edge-033","expected":{"host_id":"host-33","macs":["02:00:00:00:03:03"]},"hardware":"","hostname":"","listed":0,"machines":0,"observed":{"host_id":"host-33","macs":["02:00:00:00:03:03"]},"request_id":"93","request_key":"93/cfg-9","site":"plant-9","suspicions":[],"version":""}','2405b72ad4c04a7cb6515fdb8b8a719cb4eb412ee8265c44cc17e8699aca75ee','exact-match','',1,'review-9','7a27b9063e0909c865ab1ada567f9b9805f9a5e3eb29cc22f78ef536be7ddb8c','9476d3db8af129712c716f0e6ca1b4b515dc5c6cd2c27c0a99304a09f00b47b9','3b4c778d:522e688e94d11239df7587de7b6e4d20dce5a8767d84e9d9ba40557c479a5b86',NULL);
INSERT INTO "decision" VALUES(14,'2026-11-30 19:21:04.793236','operator','approver','enroll','enrolled platform team as approver for plant-20','','',NULL,'approver/0123456789abcdef0123456789abcdef','b4b3d5c53d363cd24b00a2b63424736baa0bab418a1ad8295d14bb4884561312','{"id":"0123456789abcdef0123456789abcdef","name":"platform team","role":"approver","sites":["plant-20"]}','b4b3d5c53d363cd24b00a2b63424736baa0bab418a1ad8295d14bb4884561312','','',1,NULL,'9476d3db8af129712c716f0e6ca1b4b515dc5c6cd2c27c0a99304a09f00b47b9','e8fd9cb727140bdb7f18a46451c2e8ef1bd3e183d1ba026a6ed02311fc88a155','3b4c778d:5980013d59e21e0a878a05e05e871c07f19c1298c06fe33fb73acde2c1a41cac',NULL);
CREATE TABLE decision_archive (
	id INTEGER NOT NULL, 
	last_id INTEGER NOT NULL, 
	count INTEGER NOT NULL, 
	hash VARCHAR NOT NULL, 
	file_name VARCHAR NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	archived_at DATETIME NOT NULL, mac VARCHAR, 
	PRIMARY KEY (id)
);
CREATE TABLE "device" (
	scope VARCHAR NOT NULL, 
	site VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	host_id VARCHAR, 
	macs VARCHAR NOT NULL, 
	zero_touch VARCHAR, 
	state VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	request_key VARCHAR, 
	confirmed_as VARCHAR, 
	asked_at DATETIME, 
	provisioned_at DATETIME, 
	confirmed_at DATETIME, 
	changed_at DATETIME NOT NULL, 
	connection VARCHAR DEFAULT '' NOT NULL, 
	is_listed BOOLEAN DEFAULT 1 NOT NULL, 
	"is_by_people" BOOLEAN DEFAULT 0 NOT NULL, 
	activates_itself BOOLEAN DEFAULT 0 NOT NULL, mac VARCHAR, admitted_key VARCHAR, admitted_host_id VARCHAR, admitted_macs VARCHAR, admitted_id VARCHAR, 
	PRIMARY KEY (scope, site, name)
);
INSERT INTO "device" VALUES('LEM project north','plant-7','edge-001',NULL,'02:00:00:00:00:01',NULL,'not_enrolled','no activation config lets it in yet',NULL,NULL,NULL,NULL,NULL,'2026-03-02 09:03:00.000000','lem-north',1,0,0,'3b4c778d:5a4db0f46a8b8bb102c8ef1677c3a00c1d99b9cb63b7e0883319f92f4355b6a9',NULL,NULL,NULL,NULL);
INSERT INTO "device" VALUES('LEM project north','plant-7','edge-002','HOST-2','02:00:00:00:00:02',NULL,'waiting','has not asked yet',NULL,NULL,NULL,NULL,NULL,'2026-03-02 09:03:00.000000','lem-north',1,0,0,'3b4c778d:2fa4abdfe7d3d8ae5d4e5dd8bb2eda53fc9db000c23f65bdd9edfbbcd1e85acf',NULL,NULL,NULL,NULL);
INSERT INTO "device" VALUES('LEM project north','plant-7','edge-003',NULL,'02:00:00:00:00:03','docker','held','the policy asks a person','3/cfg-1',NULL,'2026-03-02 09:01:00.000000',NULL,NULL,'2026-03-02 09:03:00.000000','lem-north',1,0,0,'3b4c778d:97b76373654eaba3d709be6f659d995e66925ae5f179de696c21f834c26244e9','3/cfg-1',NULL,'02:00:00:00:00:03',NULL);
INSERT INTO "device" VALUES('LEM project north','plant-7','edge-004',NULL,'02:00:00:00:00:04',NULL,'provisioning','stage docker','4/cfg-1',NULL,'2026-03-02 09:01:00.000000',NULL,NULL,'2026-03-02 09:03:00.000000','lem-north',1,0,0,'3b4c778d:c59df1ec39b6022efb6444aae05256a6a62b25aad295e155f97a5ebd33b47837','4/cfg-1',NULL,'02:00:00:00:00:04',NULL);
INSERT INTO "device" VALUES('LEM project north','plant-7','edge-005',NULL,'02:00:00:00:00:05',NULL,'failed','stage tunnel failed','5/cfg-1',NULL,'2026-03-02 09:01:00.000000',NULL,NULL,'2026-03-02 09:03:00.000000','lem-north',1,0,0,'3b4c778d:524fb4ad889a40dad35ce944939ed92eeef6a9494e338edde4ab109f58c0548e','5/cfg-1',NULL,'02:00:00:00:00:05',NULL);
INSERT INTO "device" VALUES('LEM project north','plant-7','edge-006',NULL,'02:00:00:00:00:06',NULL,'rejected','rejected by Anna (as ordered)','6/cfg-1',NULL,'2026-03-02 09:01:00.000000',NULL,NULL,'2026-03-02 09:03:00.000000','lem-north',1,0,0,'3b4c778d:a6e4082a17815e8be235cb9ad766793aa5755a33911b6cd257d94543790961b1',NULL,NULL,NULL,NULL);
INSERT INTO "device" VALUES('LEM project north','plant-7','edge-007',NULL,'02:00:00:00:00:07',NULL,'retired','to be out of service, as a run was told',NULL,NULL,NULL,NULL,NULL,'2026-03-02 09:03:00.000000','lem-north',1,0,0,'3b4c778d:8b30f07b8e653a65a75cd9ee05ba82e2a3c3627e040494635a5d831e8f2b64da',NULL,NULL,NULL,NULL);
INSERT INTO "device" VALUES('LEM project north','plant-7','edge-008',NULL,'02:00:00:00:00:08',NULL,'in_service','in service','8/cfg-1','dev-8','2026-03-02 09:01:00.000000','2026-03-02 09:06:00.000000','2026-03-02 09:06:00.000000','2026-03-02 09:06:00.000000','lem-north',1,0,0,'3b4c778d:a919cdfe774252f19e7b48109335662a36a47ad9c4e78882eba0406602820554','8/cfg-1',NULL,'02:00:00:00:00:08',NULL);
INSERT INTO "device" VALUES('LEM project north','plant-7','edge-009',NULL,'02:00:00:00:00:09',NULL,'in_service','in service','9/cfg-1','dev-9','2026-03-02 09:01:00.000000','2026-03-02 09:06:00.000000','2026-03-02 09:06:00.000000','2026-03-02 09:06:00.000000','lem-north',1,0,0,'3b4c778d:09fc7dc490482cd07112f4d4ea5a1262ab83524a88b728f865cd625f7d9ccfb1','9/cfg-1',NULL,'02:00:00:00:00:09',NULL);
INSERT INTO "device" VALUES('LEM project north','plant-7','edge-010',NULL,'02:00:00:00:00:0a',NULL,'waiting','has not asked yet',NULL,NULL,NULL,NULL,NULL,'2026-03-02 09:03:00.000000','lem-north',1,0,0,'3b4c778d:b5ea11ad0a6f1b3e7508274540ccb26162fba0f85a2e0bfa7a6d47b0e1aacc5d',NULL,NULL,NULL,NULL);
INSERT INTO "device" VALUES('LEM project north','plant-7','edge-011',NULL,'02:00:00:00:00:0b',NULL,'in_service','in service','11/cfg-0','dev-11','2026-03-02 09:01:00.000000','2026-03-02 09:06:00.000000','2026-03-02 09:06:00.000000','2026-03-02 09:06:00.000000','lem-north',1,0,0,'3b4c778d:a4ede1510230fff6ecf9b6637ea027da6b320c9e2c1bc56f09ee2a517cd199f3',NULL,NULL,NULL,NULL);
INSERT INTO "device" VALUES('Acusight organization acme','plant-8','edge-020',NULL,'02:00:00:00:00:14',NULL,'in_service','in service',NULL,NULL,NULL,NULL,NULL,'2026-03-02 09:01:00.000000','acusight-acme',1,1,1,'3b4c778d:1c8bb48db0cb8bb36fcdfb582c0712ba54bac7e59124a8aaab07dd752b7f6810',NULL,NULL,NULL,NULL);
INSERT INTO "device" VALUES('Acusight organization acme','plant-8','edge-021',NULL,'02:00:00:00:00:15',NULL,'key_lost','its key was told to nobody',NULL,NULL,NULL,NULL,NULL,'2026-03-02 09:01:00.000000','acusight-acme',1,1,1,'3b4c778d:1a94aa46f88163d6f520d35527c772bf91f097c7dea0df3d49828a51acdc09d0',NULL,NULL,NULL,NULL);
INSERT INTO "device" VALUES('provision_api tenant acme','plant-8','edge-022',NULL,'02:00:00:00:00:16',NULL,'in_service','in service',NULL,NULL,NULL,NULL,NULL,'2026-03-02 09:03:00.000000','provision-acme',1,1,1,'3b4c778d:f1dfee783a68e48adbae8502ec660819588ac28dc3d170e23b6b9b2e3c40eaf3',NULL,NULL,NULL,NULL);
INSERT INTO "device" VALUES('provision_api tenant acme','plant-8','edge-023',NULL,'02:00:00:00:00:17',NULL,'waiting','its code is not used yet',NULL,NULL,NULL,NULL,NULL,'2026-03-02 09:03:00.000000','',0,0,0,'3b4c778d:c603059d64ac9c813c665dc3c4b000bbd7a5a0b740b0384624b7f285d750b896',NULL,NULL,NULL,NULL);
INSERT INTO "device" VALUES('LEM project north','plant-9','edge-031','HOST-31','02:00:00:00:03:01',NULL,'missing','not listed any more','91/cfg-9',NULL,NULL,NULL,NULL,'2026-03-12 09:00:00.000000','lem-north',1,0,0,'3b4c778d:5f2fa4604d4d6366740a4e601bd5f54cd948036cc5a1f2c3340493fbf2eb512d',NULL,NULL,NULL,NULL);
INSERT INTO "device" VALUES('LEM project north','plant-9','edge-032','HOST-32','02:00:00:00:03:02',NULL,'approval_not_shown','LEM answered its approval, and does not show it','92/cfg-9',NULL,NULL,NULL,NULL,'2026-03-12 09:00:00.000000','lem-north',1,0,0,'3b4c778d:8f7be0cea67ad4a4ddf0832df57ad48455fd46516f2ede248423399d1468e1ab',NULL,NULL,NULL,NULL);
INSERT INTO "device" VALUES('LEM project north','plant-9','edge-033','HOST-33','02:00:00:00:03:03',NULL,'held','it shows new MACs','93/cfg-9',NULL,NULL,NULL,NULL,'2026-03-12 09:00:00.000000','lem-north',1,0,0,'3b4c778d:345ef2e776c19717bdeffd9cf67899a07ae50cc411e830e3540809006279ee79','93/cfg-9','host-33','02:00:00:00:03:03',NULL);
INSERT INTO "device" VALUES('provision_api tenant acme','plant-9','gw-030',NULL,'',NULL,'retired','retired',NULL,NULL,NULL,NULL,NULL,'2026-03-12 09:00:00.000000','',0,0,0,'3b4c778d:7eda54260900aa3882bb59cb634a79bd825246e18567ef5f90b0c1954c78aa2c',NULL,NULL,NULL,NULL);
INSERT INTO "device" VALUES('LEM project 462j1mq70mph31wa100t1yuxa','plant-20','edge-041','000000000041','02:00:00:00:00:41',NULL,'in_service','provisioned and in the list of devices','1/63dafba22e084c850ecaa110','gooqu40ymihkkpsgw9f13acyd','2026-11-30 15:55:31.048000','2026-11-30 15:55:31.272000','2026-11-30 15:55:31.373616','2026-11-30 15:55:31.373616','the connection',0,0,0,'3b4c778d:981356f3f1422fcd342696711c15b371d410be343ac752c9cb65e9047f4d775b',NULL,NULL,NULL,NULL);
INSERT INTO "device" VALUES('LEM project 462j1mq70mph31wa100t1yuxa','plant-20','edge-042','000000000042','02:00:00:00:00:42',NULL,'in_service','provisioned and in the list of devices','2/63dafba22e084c850ecaa110','wimk93nbk97f6vgfeygk314cy','2026-11-30 15:55:31.048000','2026-11-30 15:55:31.305000','2026-11-30 15:55:31.385872','2026-11-30 15:55:31.385872','the connection',0,0,0,'3b4c778d:f3d895452d4d49a4c42102f598e74e2f61833dd57ef67b00dcc30553fb396dfb',NULL,NULL,NULL,NULL);
INSERT INTO "device" VALUES('LEM project 462j1mq70mph31wa100t1yuxa','plant-20','edge-043','000000000043','02:00:00:00:00:43',NULL,'held','its host id is deadbeefdead, and the roster says 000000000043','3/63dafba22e084c850ecaa110',NULL,'2026-11-30 15:55:31.048000',NULL,NULL,'2026-11-30 15:55:31.149374','the connection',0,0,0,'3b4c778d:e56d368ba933a279a5c1f9df4b38520ba5d8eaa7524aadc7ab80bc38613fc8d5',NULL,NULL,NULL,NULL);
INSERT INTO "device" VALUES('provision_api tenant tenant-a','plant-20','gw-040',NULL,'',NULL,'in_service','activated, as its system shows','gw-040/f810f1d815a49495a977b962','gw-040','2026-11-30 15:55:32.427000',NULL,'2026-11-30 15:55:32.540040','2026-11-30 15:55:32.540040','the connection',0,0,0,'3b4c778d:1da5ab7d231d7badd36a35407d5f9cb4870ac82b794860e3295bab1b5bb3d528',NULL,NULL,NULL,NULL);
INSERT INTO "device" VALUES('Acusight organization acusight','plant-20','cam-040','DA3E:0040:ABCD','',NULL,'in_service','activated, as its system shows','cam-040/e4870c36-2236-475f-a7e5-3404cb9f227f','DA3E:0040:ABCD',NULL,NULL,'2026-11-30 15:55:32.962477','2026-11-30 15:55:32.962477','the connection',0,0,0,'3b4c778d:141a71cf630fd48836283e81de2e83d3570232e55c393c9bf9d62f99d75f1829',NULL,NULL,NULL,NULL);
INSERT INTO "device" VALUES('LEM project 462j1mq70mph31wa100t1yuxa','plant-20','edge-051','000000000033','',NULL,'in_service','provisioned and in the list of devices','1/63dafba22e084c850ecaa110','aifxyilmqc85mm9xvdx239tg9','2026-11-30 19:28:51.115000','2026-11-30 19:31:07.132000','2026-11-30 19:21:03.423132','2026-11-30 19:21:03.423132','the connection',0,0,0,'3b4c778d:931c4bc539c22934a9bb769edfbfcb77f7d4d72db356e10f1bd5d63a7985c2fa','1/63dafba22e084c850ecaa110','000000000033','02:79:e4:60:4d:7d 02:fa:2a:03:f6:0b','aifxyilmqc85mm9xvdx239tg9');
INSERT INTO "device" VALUES('LEM project 462j1mq70mph31wa100t1yuxa','plant-20','edge-052','000000000034','',NULL,'in_service','provisioned and in the list of devices','2/63dafba22e084c850ecaa110','hgct302jzcl5nu7cjfd4cl5xy','2026-11-30 19:28:51.115000','2026-11-30 19:31:44.038000','2026-11-30 19:21:03.427785','2026-11-30 19:21:03.427785','the connection',0,0,0,'3b4c778d:c92d08fe77fed9af030eaad5d7bbfa7f5e0b0431bd9b1430490a172ddc9e1177','2/63dafba22e084c850ecaa110','000000000034','02:5e:cc:9f:4b:bc 02:a6:e6:18:34:64','hgct302jzcl5nu7cjfd4cl5xy');
INSERT INTO "device" VALUES('Acusight organization acusight','plant-20','cam-050','DA3E:0050:ABCD','',NULL,'in_service','activated, as its system shows','cam-050/e4870c36-2236-475f-a7e5-3404cb9f227f','DA3E:0050:ABCD',NULL,NULL,'2026-11-30 19:21:04.025361','2026-11-30 19:21:04.025361','the connection',0,0,0,'3b4c778d:de19a2623875adbe4d3ffdc4b76ff215290b50af8335db23d96e1edcb5d20917','cam-050/e4870c36-2236-475f-a7e5-3404cb9f227f','da3e:0050:abcd',NULL,'DA3E:0050:ABCD');
INSERT INTO "device" VALUES('provision_api tenant tenant-a','plant-20','gw-050',NULL,'',NULL,'in_service','activated, as its system shows','gw-050/f810f1d815a49495a977b962','gw-050','2026-11-30 20:01:26.931000',NULL,'2026-11-30 19:21:04.444328','2026-11-30 19:21:04.444328','the connection',1,0,0,'3b4c778d:a9c827ade0a2be6c95bca68e0210a6db3a9b68426e16ae4529cd105319f8806f','gw-050/f810f1d815a49495a977b962',NULL,NULL,'gw-050');
CREATE TABLE "device_enrollment" (
	"enrollment_number" INTEGER NOT NULL, 
	site VARCHAR NOT NULL, 
	device VARCHAR NOT NULL, 
	PRIMARY KEY ("enrollment_number", site, device), 
	FOREIGN KEY("enrollment_number") REFERENCES "enrollment" (id)
);
INSERT INTO "device_enrollment" VALUES(1,'plant-7','edge-001');
INSERT INTO "device_enrollment" VALUES(1,'plant-7','edge-002');
INSERT INTO "device_enrollment" VALUES(1,'plant-7','edge-003');
INSERT INTO "device_enrollment" VALUES(1,'plant-7','edge-004');
INSERT INTO "device_enrollment" VALUES(1,'plant-7','edge-005');
INSERT INTO "device_enrollment" VALUES(1,'plant-7','edge-006');
INSERT INTO "device_enrollment" VALUES(1,'plant-7','edge-007');
INSERT INTO "device_enrollment" VALUES(1,'plant-7','edge-008');
INSERT INTO "device_enrollment" VALUES(1,'plant-7','edge-009');
INSERT INTO "device_enrollment" VALUES(1,'plant-7','edge-010');
INSERT INTO "device_enrollment" VALUES(1,'plant-7','edge-011');
INSERT INTO "device_enrollment" VALUES(2,'plant-7','edge-011');
INSERT INTO "device_enrollment" VALUES(3,'plant-7','edge-010');
INSERT INTO "device_enrollment" VALUES(4,'plant-8','edge-020');
INSERT INTO "device_enrollment" VALUES(4,'plant-8','edge-021');
INSERT INTO "device_enrollment" VALUES(5,'plant-8','edge-022');
INSERT INTO "device_enrollment" VALUES(6,'plant-9','edge-031');
INSERT INTO "device_enrollment" VALUES(6,'plant-9','edge-032');
INSERT INTO "device_enrollment" VALUES(6,'plant-9','edge-033');
INSERT INTO "device_enrollment" VALUES(7,'plant-20','edge-041');
INSERT INTO "device_enrollment" VALUES(7,'plant-20','edge-042');
INSERT INTO "device_enrollment" VALUES(7,'plant-20','edge-043');
INSERT INTO "device_enrollment" VALUES(8,'plant-20','gw-040');
INSERT INTO "device_enrollment" VALUES(9,'plant-20','cam-040');
INSERT INTO "device_enrollment" VALUES(10,'plant-20','edge-051');
INSERT INTO "device_enrollment" VALUES(10,'plant-20','edge-052');
INSERT INTO "device_enrollment" VALUES(11,'plant-20','cam-050');
INSERT INTO "device_enrollment" VALUES(12,'plant-20','gw-050');
CREATE TABLE "enrollment" (
	id INTEGER NOT NULL, 
	site VARCHAR NOT NULL, 
	scope VARCHAR NOT NULL, 
	wanted_expiry DATETIME NOT NULL, 
	capacity INTEGER NOT NULL, 
	made_at DATETIME NOT NULL, 
	"enrollment_id" VARCHAR, 
	adopted BOOLEAN DEFAULT 0 NOT NULL, answer VARCHAR DEFAULT '' NOT NULL, lost_at DATETIME, 
	PRIMARY KEY (id)
);
INSERT INTO "enrollment" VALUES(1,'plant-7','LEM project north','2026-03-09 08:59:43.283000',11,'2026-03-02 09:00:00.000000','cfg-1',0,'',NULL);
INSERT INTO "enrollment" VALUES(2,'plant-7','LEM project north','2026-03-05 09:00:00.000000',5,'2026-03-02 09:01:00.000000','cfg-0',1,'',NULL);
INSERT INTO "enrollment" VALUES(3,'plant-7','LEM project north','2026-03-09 08:59:06.891000',1,'2026-03-02 09:02:00.000000',NULL,0,'',NULL);
INSERT INTO "enrollment" VALUES(4,'plant-8','Acusight organization acme','2026-03-03 08:59:11.682000',2,'2026-03-02 09:00:00.000000','tok-1',0,'',NULL);
INSERT INTO "enrollment" VALUES(5,'plant-8','provision_api tenant acme','2026-03-02 09:59:58.804000',1,'2026-03-02 09:03:00.000000','edge-022',0,'',NULL);
INSERT INTO "enrollment" VALUES(6,'plant-9','LEM project north','2026-03-19 08:59:53.313000',3,'2026-03-12 09:00:00.000000','cfg-9',0,'',NULL);
INSERT INTO "enrollment" VALUES(7,'plant-20','LEM project 462j1mq70mph31wa100t1yuxa','2026-12-07 15:55:07.734000',3,'2026-11-30 15:55:30.836269','63dafba22e084c850ecaa110',0,'',NULL);
INSERT INTO "enrollment" VALUES(8,'plant-20','provision_api tenant tenant-a','2026-12-07 15:55:17.050000',1,'2026-11-30 15:55:32.407706','f810f1d815a49495a977b962',0,'',NULL);
INSERT INTO "enrollment" VALUES(9,'plant-20','Acusight organization acusight','2026-12-07 15:55:20.937000',1,'2026-11-30 15:55:32.809504','e4870c36-2236-475f-a7e5-3404cb9f227f',0,'',NULL);
INSERT INTO "enrollment" VALUES(10,'plant-20','LEM project 462j1mq70mph31wa100t1yuxa','2026-12-07 19:20:07.734000',2,'2026-11-30 19:21:03.286418','63dafba22e084c850ecaa110',0,'',NULL);
INSERT INTO "enrollment" VALUES(11,'plant-20','Acusight organization acusight','2026-12-07 19:20:20.937000',1,'2026-11-30 19:21:03.504993','e4870c36-2236-475f-a7e5-3404cb9f227f',0,'',NULL);
INSERT INTO "enrollment" VALUES(12,'plant-20','provision_api tenant tenant-a','2026-12-07 19:21:03.641000',1,'2026-11-30 19:21:04.253615','f810f1d815a49495a977b962',0,'',NULL);
CREATE TABLE finding (
	id INTEGER NOT NULL, 
	site VARCHAR NOT NULL, 
	connection VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	device VARCHAR, 
	reason VARCHAR NOT NULL, 
	first_seen DATETIME NOT NULL, 
	last_seen DATETIME NOT NULL, 
	"actions" INTEGER NOT NULL, 
	"last_action_at" DATETIME, 
	"reported_at" DATETIME, 
	ended_at DATETIME, 
	PRIMARY KEY (id)
);
INSERT INTO "finding" VALUES(1,'plant-7','lem-north','pending','edge-001','edge-001','found: pending too long','2026-03-02 09:00:00.000000','2026-03-03 09:00:00.000000',2,'2026-03-03 09:00:00.000000','2026-03-02 09:00:00.000000',NULL);
INSERT INTO "finding" VALUES(2,'plant-7','lem-north','failed','edge-002','edge-002','found: failed','2026-03-02 09:00:00.000000','2026-03-03 09:00:00.000000',1,'2026-03-02 09:00:00.000000','2026-03-02 09:00:00.000000',NULL);
INSERT INTO "finding" VALUES(3,'plant-7','lem-north','stuck','edge-003','edge-003','found: approved, never confirmed','2026-03-02 09:00:00.000000','2026-03-03 09:00:00.000000',1,'2026-03-02 09:00:00.000000','2026-03-02 09:00:00.000000',NULL);
INSERT INTO "finding" VALUES(4,'plant-7','lem-north','enrollment_ended','edge-004','edge-004','found: enrolment ended','2026-03-02 09:00:00.000000','2026-03-03 09:00:00.000000',0,NULL,'2026-03-02 09:00:00.000000',NULL);
INSERT INTO "finding" VALUES(5,'plant-7','lem-north','unlisted','#50',NULL,'found: in service, on no roster','2026-03-02 09:00:00.000000','2026-03-03 09:00:00.000000',0,NULL,'2026-03-02 09:00:00.000000',NULL);
INSERT INTO "finding" VALUES(6,'plant-7','lem-north','missing','edge-006','edge-006','found: on the roster, gone','2026-03-02 09:00:00.000000','2026-03-03 09:00:00.000000',0,NULL,'2026-03-02 09:00:00.000000',NULL);
INSERT INTO "finding" VALUES(7,'plant-7','lem-north','wrong_site','edge-007','edge-007','found: wrong site','2026-03-02 09:00:00.000000','2026-03-03 09:00:00.000000',0,NULL,'2026-03-02 09:00:00.000000',NULL);
INSERT INTO "finding" VALUES(8,'plant-7','lem-north','retired_in_service','edge-008','edge-008','found: retired here, alive there','2026-03-02 09:00:00.000000','2026-03-03 09:00:00.000000',0,NULL,'2026-03-02 09:00:00.000000',NULL);
INSERT INTO "finding" VALUES(9,'plant-7','lem-north','revivable','edge-009','edge-009','found: retired, and a code could revive it','2026-03-02 09:00:00.000000','2026-03-03 09:00:00.000000',0,NULL,'2026-03-02 09:00:00.000000',NULL);
INSERT INTO "finding" VALUES(10,'plant-7','lem-north','key_lost','edge-010','edge-010','found: key lost','2026-03-02 09:00:00.000000','2026-03-03 09:00:00.000000',0,NULL,'2026-03-02 09:00:00.000000',NULL);
INSERT INTO "finding" VALUES(11,'plant-7','lem-north','held','edge-011','edge-011','found: held too long','2026-03-02 09:00:00.000000','2026-03-03 09:00:00.000000',0,NULL,NULL,NULL);
INSERT INTO "finding" VALUES(12,'plant-7','lem-north','rejected','edge-012','edge-012','found: rejected','2026-03-02 09:00:00.000000','2026-03-03 09:00:00.000000',0,NULL,NULL,NULL);
INSERT INTO "finding" VALUES(13,'plant-7','lem-north','truncated','lists',NULL,'found: list cut off','2026-03-02 09:00:00.000000','2026-03-03 09:00:00.000000',0,NULL,NULL,NULL);
INSERT INTO "finding" VALUES(14,'plant-7','lem-north','unknown','edge-014','edge-014','found: outcome unknown','2026-03-02 09:00:00.000000','2026-03-03 09:00:00.000000',0,NULL,NULL,NULL);
INSERT INTO "finding" VALUES(15,'plant-8','provision-acme','failed','edge-022','edge-022','stage tunnel failed','2026-03-02 09:00:00.000000','2026-03-02 09:00:00.000000',0,NULL,NULL,'2026-03-03 09:00:00.000000');
INSERT INTO "finding" VALUES(16,'plant-9','lem-north','approval_not_shown','edge-032','edge-032','LEM answered its approval, and does not show it','2026-03-12 09:00:00.000000','2026-03-12 09:00:00.000000',0,NULL,NULL,NULL);
INSERT INTO "finding" VALUES(17,'plant-9','lem-north','unknown','an unknown device',NULL,'approve was asked at 2026-03-12 09:00 UTC and never answered','2026-03-12 09:00:00.000000','2026-03-12 09:00:00.000000',0,NULL,NULL,NULL);
CREATE TABLE handover (
	id INTEGER NOT NULL, 
	site VARCHAR NOT NULL, 
	taken_by VARCHAR NOT NULL, 
	recipient VARCHAR NOT NULL, 
	taken_at DATETIME NOT NULL, 
	file_name VARCHAR NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	count INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "handover" VALUES(1,'plant-8','Fitter 1','passphrase','2026-03-02 10:00:00.000000','plant-8-1.yaml.age','0000000000000000000000000000000000000000000000000000000000000001',6);
INSERT INTO "handover" VALUES(2,'plant-8','Fitter 2','passphrase','2026-03-02 11:00:00.000000','plant-8-2.yaml.age','0000000000000000000000000000000000000000000000000000000000000002',2);
CREATE TABLE hold (
	scope VARCHAR NOT NULL, 
	site VARCHAR NOT NULL, 
	request_key VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	hostname VARCHAR NOT NULL, 
	identity VARCHAR NOT NULL, 
	code VARCHAR NOT NULL, 
	device VARCHAR, 
	held_at DATETIME NOT NULL, 
	PRIMARY KEY (scope, site, request_key, code)
);
INSERT INTO "hold" VALUES('LEM project north','plant-7','3/cfg-1','the policy asks a person','edge-003','MAC 02:00:00:00:00:03','unknown','edge-003','2026-03-02 09:01:00.000000');
INSERT INTO "hold" VALUES('LEM project north','plant-7','50/cfg-1','it is no device of the roster','edge-050','MAC 02:00:00:00:00:32','unknown',NULL,'2026-03-02 09:01:00.000000');
INSERT INTO "hold" VALUES('LEM project north','plant-9','93/cfg-9','it shows new MACs','','MAC 02:00:00:00:03:03, host id host-33','new_macs','edge-033','2026-03-12 09:00:00.000000');
CREATE TABLE intent (
	id INTEGER NOT NULL, 
	"run_id" VARCHAR NOT NULL, 
	site VARCHAR NOT NULL, 
	device VARCHAR NOT NULL, 
	"action" VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	intended_at DATETIME NOT NULL, 
	outcome VARCHAR, 
	detail VARCHAR NOT NULL, 
	"resolved_at" DATETIME, 
	PRIMARY KEY (id), 
	FOREIGN KEY("run_id") REFERENCES "connection_run" (id)
);
INSERT INTO "intent" VALUES(1,'23821548eadd45b2895a6113d16c4582','plant-7','edge-004','approve','4/cfg-1','it shows its MAC','2026-03-02 09:01:00.000000','done','','2026-03-02 09:01:00.000000');
INSERT INTO "intent" VALUES(2,'23821548eadd45b2895a6113d16c4582','plant-7','edge-005','approve','5/cfg-1','it shows its MAC','2026-03-02 09:01:00.000000','done','','2026-03-02 09:01:00.000000');
INSERT INTO "intent" VALUES(3,'23821548eadd45b2895a6113d16c4582','plant-7','edge-008','approve','8/cfg-1','it shows its MAC','2026-03-02 09:01:00.000000','done','','2026-03-02 09:01:00.000000');
INSERT INTO "intent" VALUES(4,'23821548eadd45b2895a6113d16c4582','plant-7','edge-009','approve','9/cfg-1','it shows its MAC','2026-03-02 09:01:00.000000','done','','2026-03-02 09:01:00.000000');
INSERT INTO "intent" VALUES(5,'23821548eadd45b2895a6113d16c4582','plant-7','edge-011','approve','11/cfg-1','it shows its MAC','2026-03-02 09:01:00.000000','done','','2026-03-02 09:01:00.000000');
INSERT INTO "intent" VALUES(6,'23821548eadd45b2895a6113d16c4582','plant-7','edge-006','reject','6/cfg-1','as told','2026-03-02 09:02:00.000000','done','','2026-03-02 09:02:00.000000');
INSERT INTO "intent" VALUES(7,'23821548eadd45b2895a6113d16c4582','plant-7','edge-005','retry','5/cfg-1','it failed','2026-03-02 09:02:00.000000','refused','409: it is not failed','2026-03-02 09:02:00.000000');
INSERT INTO "intent" VALUES(8,'23821548eadd45b2895a6113d16c4582','plant-7','edge-007','retire','7/cfg-1','retired as this run was told','2026-03-02 09:02:00.000000','not done','not answered, and never happened','2026-03-02 09:02:00.000000');
INSERT INTO "intent" VALUES(9,'23821548eadd45b2895a6113d16c4582','plant-7','edge-009','rotate','9/cfg-1','rotated as this run was told','2026-03-02 09:02:00.000000','key lost','the key was told to nobody','2026-03-02 09:02:00.000000');
INSERT INTO "intent" VALUES(10,'23821548eadd45b2895a6113d16c4582','plant-7','edge-002','approve','2/cfg-1','it shows its host id','2026-03-02 09:02:00.000000',NULL,'no answer in 30 s',NULL);
INSERT INTO "intent" VALUES(11,'23821548eadd45b2895a6113d16c4582','plant-7','','reject','50/cfg-1','no device of the roster','2026-03-02 09:02:00.000000','done','','2026-03-02 09:02:00.000000');
INSERT INTO "intent" VALUES(12,'ca953df8f6494ab2aa5c623f8b077236','plant-8','edge-020','approve','edge-020/tok-1','its token decides','2026-03-02 09:01:00.000000','done','','2026-03-02 09:01:00.000000');
INSERT INTO "intent" VALUES(13,'6b71ced561df4f13affcb48ee6ddd671','plant-9','edge-031','approve','91/cfg-9','as ordered','2026-03-12 09:00:00.000000','done','','2026-03-12 09:00:00.000000');
INSERT INTO "intent" VALUES(14,'6b71ced561df4f13affcb48ee6ddd671','plant-9','edge-032','approve','92/cfg-9','as ordered','2026-03-12 09:00:00.000000','done','','2026-03-12 09:00:00.000000');
INSERT INTO "intent" VALUES(15,'6b71ced561df4f13affcb48ee6ddd671','plant-9','edge-031','retry','91/cfg-9','it failed','2026-03-12 09:00:00.000000','refused','no','2026-03-12 09:00:00.000000');
INSERT INTO "intent" VALUES(16,'6b71ced561df4f13affcb48ee6ddd671','plant-9','','approve','99/cfg-9','as ordered','2026-03-12 09:00:00.000000',NULL,'',NULL);
INSERT INTO "intent" VALUES(17,'bb9cdf2252694f31bf1a4ba8877f6747','plant-9','gw-030','rotate','gw-030/code-9','rotated by this run','2026-03-12 09:00:00.000000','done','','2026-03-12 09:00:00.000000');
INSERT INTO "intent" VALUES(18,'bb9cdf2252694f31bf1a4ba8877f6747','plant-9','gw-030','retire','gw-030/code-9','retired by this run','2026-03-12 09:00:00.000000','done','','2026-03-12 09:00:00.000000');
INSERT INTO "intent" VALUES(19,'ca968ca5ee5842b89d08702220329014','plant-20','edge-041','approve','1/63dafba22e084c850ecaa110','it shows this site''s code and host id 000000000041 and MAC 02:00:00:00:00:41','2026-11-30 15:55:31.248758','done','','2026-11-30 15:55:31.273923');
INSERT INTO "intent" VALUES(20,'ca968ca5ee5842b89d08702220329014','plant-20','edge-042','approve','2/63dafba22e084c850ecaa110','it shows this site''s code and host id 000000000042 and MAC 02:00:00:00:00:42','2026-11-30 15:55:31.285813','done','','2026-11-30 15:55:31.310466');
INSERT INTO "intent" VALUES(21,'9719bf3a36d74b748f30879eafec8d46','plant-20','gw-040','approve','gw-040/f810f1d815a49495a977b962','its registration is held here','2026-11-30 15:55:32.478149','done','','2026-11-30 15:55:32.489364');
INSERT INTO "intent" VALUES(22,'efc00fa0dbdc4fcaaad5e98c79c18090','plant-20','cam-040','approve','cam-040/e4870c36-2236-475f-a7e5-3404cb9f227f','its provisioning token is held here','2026-11-30 15:55:32.867516','done','','2026-11-30 15:55:32.894882');
INSERT INTO "intent" VALUES(23,'61371510d94f4894b320bc3111b4cdf5','plant-20','edge-051','approve','1/63dafba22e084c850ecaa110','it shows this site''s code and host id 000000000033','2026-11-30 19:21:03.347916','done','','2026-11-30 19:21:03.366166');
INSERT INTO "intent" VALUES(24,'61371510d94f4894b320bc3111b4cdf5','plant-20','edge-052','approve','2/63dafba22e084c850ecaa110','it shows this site''s code and host id 000000000034','2026-11-30 19:21:03.373220','done','','2026-11-30 19:21:03.384322');
INSERT INTO "intent" VALUES(25,'d848f147583a4fd789d8d0b17ec5b310','plant-20','cam-050','approve','cam-050/e4870c36-2236-475f-a7e5-3404cb9f227f','its provisioning token is held here','2026-11-30 19:21:03.543479','done','','2026-11-30 19:21:03.958149');
INSERT INTO "intent" VALUES(26,'dd31f9f752084107bc0df63bad7c78f3','plant-20','gw-050','approve','gw-050/f810f1d815a49495a977b962','its registration is held here','2026-11-30 19:21:04.375310','done','','2026-11-30 19:21:04.395333');
CREATE TABLE keyed_fact (
	name VARCHAR NOT NULL, 
	facts VARCHAR NOT NULL, 
	mac VARCHAR, 
	PRIMARY KEY (name)
);
INSERT INTO "keyed_fact" VALUES('secrets of ["plant-8","Acusight organization acme"]','{"deleted":[],"last":4,"scope":"Acusight organization acme","site":"plant-8"}','3b4c778d:5afb5dc4a0790dcdb689aa3bafe34f224010dd32f7acfeedbff521409f9312a9');
INSERT INTO "keyed_fact" VALUES('secrets of ["plant-8","provision_api tenant acme"]','{"deleted":[],"last":2,"scope":"provision_api tenant acme","site":"plant-8"}','3b4c778d:110a527395a89d1f932da1a91a0b4cc18a318721fa0b009b86bd2b7c7f6c3185');
INSERT INTO "keyed_fact" VALUES('secrets of ["plant-9","provision_api tenant acme"]','{"deleted":[],"last":1,"scope":"provision_api tenant acme","site":"plant-9"}','3b4c778d:aab22eecebda20af73fc0fb0e6d7f7179148288adffd428d87a1de5c2b160223');
INSERT INTO "keyed_fact" VALUES('secrets of ["plant-20","provision_api tenant tenant-a"]','{"deleted":[],"last":4,"scope":"provision_api tenant tenant-a","site":"plant-20"}','3b4c778d:d2682e52342345a7d2e38c6ca01ca75a009bfaf32e96fd79c4099698f944023f');
INSERT INTO "keyed_fact" VALUES('secrets of ["plant-20","Acusight organization acusight"]','{"deleted":[],"last":4,"scope":"Acusight organization acusight","site":"plant-20"}','3b4c778d:7e3c110f50c5fe875cfea0968ad0aec55952b4aff9ef073b194c6cc4ec6a6b41');
INSERT INTO "keyed_fact" VALUES('secrets','{"count":15}','3b4c778d:a03648a4c56051f252070f7c241c341d8202eea7634a29f54f11344472d5c3f3');
INSERT INTO "keyed_fact" VALUES('ledger','{"before":{},"id":"7f61b1d1518846bba5bd5f2ccebcf391","since":"2026-11-30T19:20:59.084595+00:00"}','3b4c778d:8a40102ba77d218c804d282aac82c488c71f51080975dd41ebb91abad9cf0bcf');
INSERT INTO "keyed_fact" VALUES('decisions','{"approvers":14,"count":14,"hash":"e8fd9cb727140bdb7f18a46451c2e8ef1bd3e183d1ba026a6ed02311fc88a155","id":14}','3b4c778d:5fd5fa4ba98a3d6d8f295acf5cfacd52fbdb8ed122b26f30d6c38ab4c229ddf4');
INSERT INTO "keyed_fact" VALUES('approvers','{"decision":14,"enrolled":[{"id":"0123456789abcdef0123456789abcdef","name":"platform team","role":"approver","since":"2026-11-30T19:21:04.793236+00:00","sites":["plant-20"]}]}','3b4c778d:c87ea71efb80f611f44141790a03447d435b2e44c88af2cf10884c6e642e6e31');
CREATE TABLE night (
	id INTEGER NOT NULL, 
	started_at DATETIME NOT NULL, 
	ended_at DATETIME NOT NULL, 
	report VARCHAR NOT NULL, 
	facts VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "night" VALUES(1,'2026-03-02 09:00:00.000000','2026-03-02 09:05:00.000000','reports/night-1.html','{"states":[["plant-7","lem-north","provisioning",4],["plant-7","lem-north","failed",5],["plant-7","lem-north","missing",7],["plant-7","lem-north","held",3],["plant-7","lem-north","in_service",10],["plant-7","lem-north","key_lost",6],["plant-7","lem-north","not_enrolled",1],["plant-7","lem-north","rejected",8],["plant-7","lem-north","retired",9],["plant-7","lem-north","waiting",2]],"kinds":{"pending":1,"failed":1,"stuck":1,"enrollment_ended":1,"unlisted":1,"missing":1,"wrong_site":1,"retired_in_service":1,"revivable":1,"key_lost":1,"held":1,"rejected":1,"truncated":1,"unknown":1},"not_checked":{},"stages":{"asked":[60.0,90.5],"in service":[300.0,420.25]},"actions":3,"decisions":12,"needs_attention":14,"recorded":12}');
INSERT INTO "night" VALUES(2,'2026-03-03 09:00:00.000000','2026-03-03 09:05:00.000000','reports/night-2.html','{"states":[["plant-7","lem-north","provisioning",4],["plant-7","lem-north","failed",5],["plant-7","lem-north","missing",7],["plant-7","lem-north","held",3],["plant-7","lem-north","in_service",10],["plant-7","lem-north","key_lost",6],["plant-7","lem-north","not_enrolled",1],["plant-7","lem-north","rejected",8],["plant-7","lem-north","retired",9],["plant-7","lem-north","waiting",2]],"kinds":{"pending":1,"failed":1,"stuck":1,"enrollment_ended":1,"unlisted":1,"missing":1,"wrong_site":1,"retired_in_service":1,"revivable":1,"key_lost":1,"held":1,"rejected":1,"truncated":1,"unknown":1},"not_checked":{"acusight-acme":"ConnectError: nothing answers"},"stages":{"asked":[60.0,90.5],"in service":[300.0,420.25]},"actions":3,"decisions":12,"needs_attention":14,"recorded":12}');
INSERT INTO "night" VALUES(3,'2026-03-04 09:00:00.000000','2026-03-04 09:05:00.000000','reports/night-3.html','{"states":[["plant-7","lem-north","provisioning",4],["plant-7","lem-north","failed",5],["plant-7","lem-north","missing",7],["plant-7","lem-north","held",3],["plant-7","lem-north","in_service",10],["plant-7","lem-north","key_lost",6],["plant-7","lem-north","not_enrolled",1],["plant-7","lem-north","rejected",8],["plant-7","lem-north","retired",9],["plant-7","lem-north","waiting",2]],"kinds":{"pending":1,"failed":1,"stuck":1,"enrollment_ended":1,"unlisted":1,"missing":1,"wrong_site":1,"retired_in_service":1,"revivable":1,"key_lost":1,"held":1,"rejected":1,"truncated":1,"unknown":1},"not_checked":{},"stages":{"asked":[60.0,90.5],"in service":[300.0,420.25]},"actions":3,"decisions":12,"needs_attention":14,"recorded":12}');
INSERT INTO "night" VALUES(4,'2026-03-12 09:00:00.000000','2026-03-12 09:02:00.000000','reports/night-4.html','{"states":[["plant-9","lem-north","missing",1],["plant-9","lem-north","held",1]],"kinds":{"approval_not_shown":1,"unknown":1},"not_checked":{},"stages":{"asked":[60.0,140.0]},"actions":2,"decisions":2,"needs_attention":2,"recorded":13}');
CREATE TABLE restoration (
	id INTEGER NOT NULL, 
	taken_at DATETIME NOT NULL, 
	restored_at DATETIME NOT NULL, 
	trusted_at DATETIME, 
	PRIMARY KEY (id)
);
CREATE TABLE review (
	id VARCHAR NOT NULL, 
	flow_run_id VARCHAR, 
	site VARCHAR NOT NULL, 
	scope VARCHAR NOT NULL, 
	connection VARCHAR NOT NULL, 
	asked_at DATETIME NOT NULL, 
	deadline DATETIME NOT NULL, 
	quorum INTEGER NOT NULL, 
	requested_by VARCHAR NOT NULL, 
	requester_may_approve BOOLEAN NOT NULL, 
	policy VARCHAR NOT NULL, 
	policy_version VARCHAR NOT NULL, 
	set_hash VARCHAR NOT NULL, 
	warned_at DATETIME, 
	closed_at DATETIME, 
	closed_as VARCHAR NOT NULL, mac VARCHAR, requester_proof VARCHAR, 
	PRIMARY KEY (id), 
	UNIQUE (flow_run_id)
);
INSERT INTO "review" VALUES('11111111111111111111111111111111','0194f000-0000-7000-8000-000000000001','plant-7','LEM project north','lem-north','2026-03-02 09:01:00.000000','2026-03-02 10:00:00.000000',2,'Bob',0,'plant','0815','26e704fb1aff361d803391245e372a935c06ffba737a30b08f0340bfabf48e13',NULL,'2026-03-02 09:08:00.000000','Carl: approved edge-003; rejected #50.','3b4c778d:098f0bfc10769502c03f4923e80797e8272aeeafe0789475b023c91fef894bb2',NULL);
INSERT INTO "review" VALUES('22222222222222222222222222222222','0194f000-0000-7000-8000-000000000002','plant-7','LEM project north','lem-north','2026-03-02 09:01:00.000000','2026-03-02 10:00:00.000000',1,'',1,'plant','0815','1794c3e5d17ad98bad5e73720fdd55da5902697b68b9bd610884a72a9d1c33c9','2026-03-02 09:40:00.000000','2026-03-02 10:01:00.000000','Nobody decided until the deadline, 2026-03-02 10:00 UTC; all of it stays held.','3b4c778d:981bc067e5ee7e173351894968f0897746835bccae41b6cfee18a3e4094b2ff1',NULL);
INSERT INTO "review" VALUES('33333333333333333333333333333333',NULL,'plant-7','LEM project north','lem-north','2026-03-02 09:01:00.000000','2026-03-03 09:00:00.000000',1,'',1,'exact-match','','61e1d5e402ea9f527bdfe3d53728fafd8da80dd10840a7107851fc5916331d28',NULL,NULL,'','3b4c778d:364fc47daddffd94230f5bff312d87a1c30ced9b39afbfe8bb4d68ebc601eaa4',NULL);
INSERT INTO "review" VALUES('review-9','0194f000-0000-7000-8000-000000000009','plant-9','LEM project north','lem-north','2026-03-12 09:00:00.000000','2026-03-13 09:00:00.000000',1,'',1,'exact-match','','ad56336622018a3abd7744165c53998cc2f4a6f9dc291d359df2b37014e113d5',NULL,'2026-03-12 09:01:00.000000','Dora: approved edge-033.','3b4c778d:308de87a3a2460d71b2f190c6ac29bdb16d9dd0bac8c45a36396aa2c17128fb2',NULL);
CREATE TABLE review_answer (
	review_id VARCHAR NOT NULL, 
	round INTEGER NOT NULL, 
	answered_at DATETIME NOT NULL, 
	answered_by VARCHAR NOT NULL, 
	"message" VARCHAR NOT NULL, 
	accepted BOOLEAN NOT NULL, 
	PRIMARY KEY (review_id, round), 
	FOREIGN KEY(review_id) REFERENCES review (id)
);
INSERT INTO "review_answer" VALUES('11111111111111111111111111111111',1,'2026-03-02 09:06:00.000000','','Say who you are: the decision is recorded with your name.',0);
INSERT INTO "review_answer" VALUES('11111111111111111111111111111111',2,'2026-03-02 09:07:00.000000','Anna','Anna: approved edge-003, which 2 people must do; left 1 held.',1);
INSERT INTO "review_answer" VALUES('11111111111111111111111111111111',3,'2026-03-02 09:08:00.000000','Carl','Carl: approved edge-003; rejected #50.',1);
INSERT INTO "review_answer" VALUES('review-9',1,'2026-03-12 09:01:00.000000','Dora','Dora: approved edge-033.',1);
CREATE TABLE review_item (
	review_id VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	request_key VARCHAR NOT NULL, 
	fingerprint VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	evidence VARCHAR NOT NULL, code VARCHAR DEFAULT 'unknown' NOT NULL, mac VARCHAR, 
	PRIMARY KEY (review_id, number), 
	FOREIGN KEY(review_id) REFERENCES review (id)
);
INSERT INTO "review_item" VALUES('11111111111111111111111111111111',1,'3/cfg-1','d1ee5398da82a7495d88f25647b26115be8d1a1b40bfbfb6d2e455a78f7f561f','the policy asks a person','{"arrivals":{"10 minutes":9,"hour":9,"minute":9},"asked_at":"2026-03-02T09:01:00+00:00","code":"own","code_of":"","device":"edge-003","expected":{"host_id":null,"macs":["02:00:00:00:00:03"]},"hardware":"x86","hostname":"edge-003","listed":11,"machines":11,"observed":{"host_id":null,"macs":["02:00:00:00:00:03"]},"request_id":"3","request_key":"3/cfg-1","site":"plant-7","suspicions":[["clone","request 9 shows the same MAC, but is another machine"],["early","it asked before it was enrolled"]],"version":"1.2.3"}','unknown','3b4c778d:082c22399a5a68583597e0a315cd74ae00cbf661f35864cfb03eb112809b947d');
INSERT INTO "review_item" VALUES('11111111111111111111111111111111',2,'50/cfg-1','114e33db0c8d5872505546e9bd7bf0598a95d8848549153e298c97823e40610b','it is no device of the roster','{"arrivals":{"10 minutes":9,"hour":9,"minute":9},"asked_at":"2026-03-02T09:01:00+00:00","code":"own","code_of":"","device":null,"expected":{"host_id":null,"macs":[]},"hardware":"x86","hostname":"gerät-50","listed":11,"machines":11,"observed":{"host_id":null,"macs":["02:00:00:00:00:32"]},"request_id":"50","request_key":"50/cfg-1","site":"plant-7","suspicions":[["stranger","it is no device of the roster"]],"version":"1.2.3"}','unknown','3b4c778d:cde208c28239879e0c3b31c7aec3682e14571a9260e7927670b2d91c7ce94a2f');
INSERT INTO "review_item" VALUES('22222222222222222222222222222222',1,'2/cfg-1','35de7f3c903284ef5879d1de1af4e7a09742bf2820d0f211f7dca850e6ddde0d','a person decides here','{"arrivals":{"10 minutes":9,"hour":9,"minute":9},"asked_at":"2026-03-02T09:01:00+00:00","code":"own","code_of":"","device":"edge-002","expected":{"host_id":"host-2","macs":["02:00:00:00:00:02"]},"hardware":"x86","hostname":"edge-002","listed":11,"machines":11,"observed":{"host_id":"host-2","macs":["02:00:00:00:00:02"]},"request_id":"2","request_key":"2/cfg-1","site":"plant-7","suspicions":[],"version":"1.2.3"}','unknown','3b4c778d:eb6ad1683f820c2720e06cd13053b72073ea0bade255b5344721a16e0e7ff5a0');
INSERT INTO "review_item" VALUES('33333333333333333333333333333333',1,'10/cfg-1','d2e339a7f7012638bdd10a4546a51fc7e9f68b21e38e546ac8edc68fdf3a0346','a person decides here','{"arrivals":{"10 minutes":9,"hour":9,"minute":9},"asked_at":"2026-03-02T09:01:00+00:00","code":"own","code_of":"","device":"edge-010","expected":{"host_id":null,"macs":["02:00:00:00:00:0a"]},"hardware":"x86","hostname":"edge-010","listed":11,"machines":11,"observed":{"host_id":null,"macs":["02:00:00:00:00:0a"]},"request_id":"10","request_key":"10/cfg-1","site":"plant-7","suspicions":[],"version":"1.2.3"}','unknown','3b4c778d:e100e6668c9f06cb8ebf07703145799089ad1284d58fc456d5faf3bef3d51304');
INSERT INTO "review_item" VALUES('review-9',1,'93/cfg-9','4904c9ef73a706a62d0d7c27d18a7e0c6e282b491ccab1d5d4aab21f85a92d77','it shows new MACs','{"arrivals":null,"asked_at":null,"code":"own","code_of":"","device":"edge-033","expected":{"host_id":"host-33","macs":["02:00:00:00:03:03"]},"hardware":"","hostname":"","listed":0,"machines":0,"observed":{"host_id":"host-33","macs":["02:00:00:00:03:03"]},"request_id":"93","request_key":"93/cfg-9","site":"plant-9","suspicions":[],"version":""}','new_macs','3b4c778d:c34ae9becb321388e470e8e19591c6f01948af85faa2008f80f4eeeb6d5815a1');
CREATE TABLE sealing_key (
	id INTEGER NOT NULL, 
	key_id VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "sealing_key" VALUES(1,'3b4c778d');
CREATE TABLE secret (
	id INTEGER NOT NULL, 
	scope VARCHAR NOT NULL, 
	site VARCHAR NOT NULL, 
	device VARCHAR, 
	kind VARCHAR NOT NULL, 
	"enrollment_id" VARCHAR NOT NULL, 
	endpoint VARCHAR NOT NULL, 
	sealed VARCHAR NOT NULL, 
	key_id VARCHAR NOT NULL, 
	received_at DATETIME NOT NULL, 
	expires_at DATETIME, 
	"run_id" VARCHAR, version INTEGER, mac VARCHAR, 
	PRIMARY KEY (id), 
	FOREIGN KEY("run_id") REFERENCES "connection_run" (id)
);
INSERT INTO "secret" VALUES(1,'Acusight organization acme','plant-8',NULL,'provisioning token','tok-1','','gAAAAABppVGQM5-FCjuw6uWjc8DxQEQV6sK-nQy82z8z60HUk41iWD9VmUS1aDuK4521JnpoR2bPq13GFd-VOlCSwvT3iBSiSpbAq6L0RlXHRoZSNORt7wiJn0b63FSL-BZRX61J0e1c3FVrEjN13I8pi1fNz7NMU2Y4Z1PpMteObnA4Q8NOuYgbmJYqeL18UzqBt4QbK6K24MOZxcFgzAKDgUmEP7bkEg==','3b4c778d','2026-03-02 09:00:00.000000','2026-03-03 09:00:00.000000','ca953df8f6494ab2aa5c623f8b077236',1,'3b4c778d:138ecb0e32039f83fc58a942161c7a5769723006d7a0ecec7492ba6347f6c5f9');
INSERT INTO "secret" VALUES(2,'Acusight organization acme','plant-8','edge-020','API key','tok-1','https://acusight.example/device','gAAAAABppVHMhodUyQb_CGMyVio448oA10gQ1n2Kj5ouU34gT6dhIX-7xcIiMnXVNZDOiSrUZceJ8-qb37S1EYk9c32WjOsUDxQTo4JxYs8UM4KpvkaBQeuV3kWQmTcKLIz6T-wknMDaPfWzHwFQZ9olVLhS0sNNQ6seV2ZpmThVCRBcw9sHeK9jU-r_Ahig4jwhnHxuiZzDaad9OYs9qI6kv3hh4Fzy7oD42-imbHhAH5SzEGSh1NM=','3b4c778d','2026-03-02 09:01:00.000000',NULL,'ca953df8f6494ab2aa5c623f8b077236',2,'3b4c778d:aab986c53604870fc04a0413e2d3fd9f9b483ff3a9694e16209c36087532f10a');
INSERT INTO "secret" VALUES(3,'Acusight organization acme','plant-8','edge-020','edge key','tok-1','','gAAAAABppVHMc8r5tWMZH0x4qGMB5rdD5D5KX9UWbmXtKhqKNiD9KkuIhQFXK6tadbcyeMFeooVBL5-_DCsXpb_fl3moU5U_vd70qtBGCptIZijSgye3XI-7q0inBnrV5WL3cScpZCh-7et1kvqWQjBA3v3VMztK8lXF3mkCzLHJlEsmR64qV8NZedN8eWIcdvRg7jwJQ1A2WOT6ShjNbiSpgOue_G-AzA==','3b4c778d','2026-03-02 09:01:00.000000',NULL,'ca953df8f6494ab2aa5c623f8b077236',3,'3b4c778d:5eb983103bb6495c81cf5b768cb5cd056e78fe076ec0589b3570411b97003647');
INSERT INTO "secret" VALUES(4,'Acusight organization acme','plant-8',NULL,'issued provisioning token','tok-2','','gAAAAABppVHM11OQ3mefj3weIlsHuEjI7SmUbotZjqAIq08EyNc7Xg1dvB5u-U64Mi6KVYAgskaF_xpgz_Q_TuDKkBikHPvVhFflez0fwlWnCpumVHfMhfV4_0NbUoE0mxK-Unx4SUz7kzTcFUS_HMhUpscTiTaCGDIoIEHd-TWkHx7LpKjTQGK-WYI9ke2AfnDz_hSwLfezCZnPN0QtVz3djfcBJXGRuQ==','3b4c778d','2026-03-02 09:01:00.000000',NULL,NULL,4,'3b4c778d:586ce57128ea860063e1d61a8e6d793a6af7c1400927cd71f78cf9c65323c2a2');
INSERT INTO "secret" VALUES(5,'provision_api tenant acme','plant-8','edge-022','activation code','edge-022','','gAAAAABppVJEXLRbJqO25mH_EbL9ppsNAoK_rsa0F6VRtZm9789MU0W6ZtI8y3peuW5fk2UEplpG1h9Jlmgkh_MY-J1ODIqSH9gjpnjhZYWRZIMbmN3LMr35DHt8kQI5Y3eVFW66TDOkznvjrELCoKW0WDDEVhl2mj2CAWkKe-R078iYXFCycVd8hWl_TNZm6IuIWLTEM475ctHadYEcR2xQ9k_5jRj31Q==','3b4c778d','2026-03-02 09:03:00.000000','2026-03-02 10:00:00.000000','e10618c8c98f4ba8bcd1de27a59c0528',1,'3b4c778d:8fb039d18fd5c911ee25fc09d1b29f259979a39164da77fba83fce72d33e1dbc');
INSERT INTO "secret" VALUES(6,'provision_api tenant acme','plant-8','edge-022','provision token','','','gAAAAABppVJE2DSko8jIaxWkE1-m6N2LcXwcy5ZU4rJYnonzX4eN_pgmFZgC3czbAUEIMi61kqG2kZmLDD9555nsft1s3NflzbgCs-fP6osfvqCMZKVZc-TlCzcama3WbdOSutR-BwbjOXLBgHK1LgxT3nWNJ8T71hhqRIHOaTk-GTgp848f60NYdMt_emwCrbzOyxIVS2XK2SrhLMsrOZwSfuQDuva14w==','3b4c778d','2026-03-02 09:03:00.000000',NULL,'e10618c8c98f4ba8bcd1de27a59c0528',2,'3b4c778d:2b24405c7f25b7994e8080dccf3ad6bddfd57b970f695bcf24622ec21245081d');
INSERT INTO "secret" VALUES(7,'provision_api tenant acme','plant-9','gw-030','provision token','','','gAAAAABpsoCQosGflv9vbzopUFhlWmN3X4BlCtYXfU_EVcjDEUeSgzMT7FUQgIwrl6GvVprhaGsghIijbGLKbQ0e43VXvKlsR9KSk4u6ZnNR-aRR8C8s7mvdhrNkka9Do_NImnWidiUHmQhhNymhhGLnzNqv9-Ln2QvhWnX_o8iYXIQVvhChVnxKGjcp7Lw5qB7PlTIvJXj3','3b4c778d','2026-03-12 09:00:00.000000',NULL,'bb9cdf2252694f31bf1a4ba8877f6747',1,'3b4c778d:b04f6065a3d2c4ead15671cb129c97a7688ccc3ba1d98047abf8f26ce29c83be');
INSERT INTO "secret" VALUES(8,'provision_api tenant tenant-a','plant-20','gw-040','activation code','f810f1d815a49495a977b962','http://127.0.0.1:36225/provision/api/device/activate','gAAAAABrDZx0X5yl9BAkO08yOwBrfJgKtj42YzPzVLfmslqk_LuzpUWdmzHZLdTxQKeUEiYFJAkpoyC6Lq2PkhVkzIlgbdMyB0zqQ_GT4Ey_89telbOSEU2hDw-3w7G4R2PE-1ws34x-WQKnOzdPnaK2fr0NzibxlfFSgFmimg7l-q7B7FwWyzbks5ppXZZJahMGJCIlOJtLats38HvJIAJIu21ySsqcANgLkZlt8Ar2R5y8oSE0vQPjO1EslVqFKq9XTsxwEcqVSwqXoa3tys_cn4cF31tSe7TLeCGAPPH_3hA6vCUCRHKHInDGzaHaGOQ0d75D30uI','3b4c778d','2026-11-30 15:55:32.432008','2026-11-30 16:55:32.427000','9719bf3a36d74b748f30879eafec8d46',1,'3b4c778d:a6104707ab2abd75a467c4c29a82ef633560d1a4e3b91f7b599f94927ed0e273');
INSERT INTO "secret" VALUES(9,'provision_api tenant tenant-a','plant-20','gw-040','provision token','f810f1d815a49495a977b962','','gAAAAABrDZx0TkguMefYtYo4cvQ6V9o5EC68aDiyFhl-IDal2QnWQAboRCu_pAPJFKtEGh44nPLDW4R3mNuC_ZEJZDwsPBkkymfW72XP7djSztZWSXHBLmuGPdsVJjjLqp1P0dTls5NG2p_4G2YHU5XmmKoR2LfhKugBt4AyUgX8Lio1nf4zSHnK7FXWkPGQasR2XAr8q5aB8UdgJZFYmpAMu1u6J0q5kpkYK7JWnQB3WvfTl11PQrZWlkS4bgTIkrHoYhcJ6q605fMcoQL8jH25OVh7PIwLvA==','3b4c778d','2026-11-30 15:55:32.485705',NULL,'9719bf3a36d74b748f30879eafec8d46',2,'3b4c778d:505006d34770c7e450934aa1e684a283232a5e9c0429788537b19ecb77333ac4');
INSERT INTO "secret" VALUES(10,'Acusight organization acusight','plant-20',NULL,'provisioning token','e4870c36-2236-475f-a7e5-3404cb9f227f','','gAAAAABrDZx00oKMqRjYwqKElTxBFj5PCRxIUJs3d_x9ZEz9HjfWNCHeH-iAidqXHSCKqmaJK356MGnL4TOnJWCq4iL_1JIECUSCoFVZnHjRV8KxVqKdUmmL-Ja-QfZyNnoKoVZC4i47UuL9o8OMStNoPoujkBU-dCH7VRoO2dcsXHz4FCMP8clDAiIzZ-kuYuEd970UtblkUaSA9vAUiwCKdxAaWCCnhymL0KHm5kUIEVzWyICOVNchfhiSU4b7ob0HgKgSKTKb-9kfCj5CNSLb4CZhHWvEVDWdOrdRiViZk1JLople37zF4kx6ZxVibtzXhV8RJdVl','3b4c778d','2026-11-30 15:55:32.822352','2026-12-01 15:55:32.821000','efc00fa0dbdc4fcaaad5e98c79c18090',1,'3b4c778d:b3b8c06518b4531ff6d8628016a6df01b2fe224392accb565d62b0489bdeee28');
INSERT INTO "secret" VALUES(11,'Acusight organization acusight','plant-20','cam-040','API key','e4870c36-2236-475f-a7e5-3404cb9f227f','http://127.0.0.1:36225/acusight/api','gAAAAABrDZx0dIDbahn7dRw4qzIf29aS8TL0ztc7yAgqvezfx9Bxmynf5WbprwLpJDoYCwLYQFyN9thc6yi5gqRM08FAs_W2yZ9ODJodNNrpk4B4zJcNya3Meso8s1PVbLCIIDdJuuABqedEmBzFQckniuSQC2uc6pYSy3cnFCJUECna_z9Ph5_DyoL-FMSou802qMarB74sfBHVn1mxPQtIvTlIWAQiIOMvt-qCs17ZMzhfGf7AOfhzVcqUtbELt3TNfUIX26A_PeW2SwNEtK_HIvI7Nu6lv05NscrrvVNhy3FPy8fIyJHDmmtvwuAGXqIhFNcEo2ZpAsyFTMeBD0IuYJFRjxa3ZI6NEnwnGpf2PgcZlqkmQM8=','3b4c778d','2026-11-30 15:55:32.882168',NULL,'efc00fa0dbdc4fcaaad5e98c79c18090',2,'3b4c778d:129b9cfc0dbbcdbf7d2e44c139743afab573f19fa609a42bfe0be6801a338627');
INSERT INTO "secret" VALUES(12,'Acusight organization acusight','plant-20',NULL,'provisioning token','e4870c36-2236-475f-a7e5-3404cb9f227f','','gAAAAABrDcyfwWEPG13EkL-SgyOfhG6pAeCN9yIzcpzoBRDQiCv474YAU6_weVbNU_l5JT53Wux6mQ0UvwvtlGWn4rFhqepZNsCBKbCgA6Giem3sKOV38aEaX8lHEyo_PfowJAmq6hHp_Lmvc_cGwWaKxZqQwcaJ3BjNU7DaJ6zb9YFt_GQ-D-JtSCRmFnnVt7GcsHovQIQW8-N35Fd9faa79rUgNUcHwTXO93v_2CST5SkU1_bEteouXn6Ng4-8XdwkeGE6oWD4CpUhFK8-CNHjpP0XwP8AhslbGkmHxDUsUsli2gBG1_Bb5nDB1_wguWZ0bnVTTq2qb8ktWrAczfCObyuM2Fs8nw==','3b4c778d','2026-11-30 19:21:03.515227','2026-12-01 19:35:58.021000','d848f147583a4fd789d8d0b17ec5b310',3,'3b4c778d:5d31f27ff388eb14670e0740780d9390e07334e5bc47653d271965d049f79148');
INSERT INTO "secret" VALUES(13,'Acusight organization acusight','plant-20','cam-050','API key','e4870c36-2236-475f-a7e5-3404cb9f227f','http://127.0.0.1:42481/acusight/api','gAAAAABrDcyflUILUBkO-Sc2TPk9hJqsbE5Y13SMZT1vI2OxfAtUdhDSl_xEf4htnnV7QVKukrY0wrmSgWnnpVchZ5JmKKtWmp-GLGP4DKNb50eX9clKm9GrTQ3ukJk7OOf8EJOWBpXByGPOn1JUelcMysWtYz43gQGNWYKmt4sSpvNRalb3s7_ApXIJN5BdswM5Wpi9Juo3YV33R7W5wSRF4mAqmk24laueMTFHhYcv_7nIbGSRzzI6Tt0V5GklHye1j0HNL5JNs_Ia59vEiPX_htegU5fn9kDUH0fNRBTI2mlxJx1ZqoBYAFeze4rlE9BYNRnR90HHgC_y4Bndq7NRJsI2X8gsVxwl93aiY7uOJP9W_5vWT_k=','3b4c778d','2026-11-30 19:21:03.550924',NULL,'d848f147583a4fd789d8d0b17ec5b310',4,'3b4c778d:b93d3ab429d91d23ba434b29d74af76bb184900eda661fe26cc0f811bf115de6');
INSERT INTO "secret" VALUES(14,'provision_api tenant tenant-a','plant-20','gw-050','activation code','f810f1d815a49495a977b962','http://127.0.0.1:42481/provision/api/device/activate','gAAAAABrDcyggm_Sw7V4QopVhh4XDVyx3omI0DAnCL2ePkG2SLIvkYAM1NcNriLTDX89VAEzGMXTkSL1SiQ6A3Rzgyk0x_HZji4huOd0PKW96_nT7etbEWLCLrcdTNtkT1rx3vEzEltEUZWQeGeVmkCwp43Nv9qUPn6uNuFo_XJxPgxEE9l3r-8GOaDEXZL-rxWoXle22Ny5swbNqTMQo5XhdTaqUOP_W-tbYPTcYEFYCl7DGp9O8pbfI-flX8_xTKIp6dB_YqMDHBDvfMPvP__jjiYRMUg9cDg4Ta8CQdqAmozCKl6caD7J4oE9rkbrt_Rj-mtkWWjm','3b4c778d','2026-11-30 19:21:04.283762','2026-11-30 21:01:26.931000','dd31f9f752084107bc0df63bad7c78f3',3,'3b4c778d:ff357400438fda6b73b52c29fd06467a225f4dcf0671defaabe277132c59cfdd');
INSERT INTO "secret" VALUES(15,'provision_api tenant tenant-a','plant-20','gw-050','provision token','f810f1d815a49495a977b962','','gAAAAABrDcygW7xHSyfdd8oX9OnzuslEgTQvM5aqcOPl9X_b69aKbwb-oUqOXpcxfQFVjXtu35Gvp2upBCm1QmKL9k2kAyQBlUsdbq0TSyQ3mEZoziLJDChmllvFqC3ukP56eM-gerG0QoHoCvBoYflp50jYOPnRZ2X5K2AZ7k5FsE1bheGj8qEBSwDDYZCsNfCdE6w-jlH52Hq5lgMdtRNiU7FSqwUXgQEsGNsMmdsO_QyCyImeENcsIgQShlBdrljkwEEdf2LGRw3HKngZtbW-JIFpWoRwMQ==','3b4c778d','2026-11-30 19:21:04.387543',NULL,'dd31f9f752084107bc0df63bad7c78f3',4,'3b4c778d:b31177a44787348c91af69bf61aff110ee73b771bdc6b5c99c6aff03e71332e9');
CREATE TABLE secret_handover (
	secret_id INTEGER NOT NULL, 
	handover_id INTEGER NOT NULL, 
	PRIMARY KEY (secret_id, handover_id), 
	FOREIGN KEY(handover_id) REFERENCES handover (id), 
	FOREIGN KEY(secret_id) REFERENCES secret (id)
);
INSERT INTO "secret_handover" VALUES(1,1);
INSERT INTO "secret_handover" VALUES(2,1);
INSERT INTO "secret_handover" VALUES(3,1);
INSERT INTO "secret_handover" VALUES(4,1);
INSERT INTO "secret_handover" VALUES(5,1);
INSERT INTO "secret_handover" VALUES(6,1);
INSERT INTO "secret_handover" VALUES(1,2);
INSERT INTO "secret_handover" VALUES(2,2);
CREATE INDEX ix_intent_site ON intent (site);
CREATE INDEX ix_handover_site ON handover (site);
CREATE INDEX ix_secret_site ON secret (site);
CREATE INDEX ix_decision_site ON decision (site);
CREATE TRIGGER decision_no_replace BEFORE INSERT ON decision WHEN EXISTS (SELECT 1 FROM decision WHERE NEW.id = id OR NEW.hash = hash OR NEW.previous_hash = previous_hash) BEGIN SELECT RAISE(ABORT, 'decisions can only be added'); END;
CREATE INDEX ix_review_site ON review (site);
CREATE INDEX ix_finding_ended_at ON finding (ended_at);
CREATE INDEX ix_finding_site ON finding (site);
CREATE INDEX ix_night_started_at ON night (started_at);
CREATE INDEX ix_connection_run_site ON connection_run (site);
CREATE INDEX ix_claim_run_id ON claim (run_id);
CREATE INDEX ix_intent_run_id ON intent (run_id);
CREATE INDEX ix_secret_run_id ON secret (run_id);
CREATE INDEX ix_enrollment_site ON enrollment (site);
CREATE INDEX ix_enrollment_enrollment_id ON enrollment (enrollment_id);
CREATE INDEX ix_intent_outcome ON intent (site, outcome, action);
CREATE INDEX ix_decision_how ON decision (site, how);
CREATE INDEX ix_decision_request_key ON decision (request_key);
CREATE TRIGGER decision_no_delete BEFORE DELETE ON decision WHEN NOT EXISTS (SELECT 1 FROM decision_archive WHERE OLD.id <= last_id) BEGIN SELECT RAISE(ABORT, 'decisions can only be added'); END;
CREATE TRIGGER decision_no_update BEFORE UPDATE OF id, decided_at, decided_by, how, decision, reason, scope, site, device, request_key, fingerprint, evidence, evidence_hash, policy, policy_version, quorum, review_id, previous_hash, hash, proof ON decision BEGIN SELECT RAISE(ABORT, 'decisions can only be added'); END;
COMMIT;
