BEGIN TRANSACTION;
CREATE TABLE action_type (
	"key" VARCHAR(80) NOT NULL, 
	labels JSON, 
	position INTEGER NOT NULL, 
	disabled BOOLEAN NOT NULL, 
	CONSTRAINT pk_action_type PRIMARY KEY ("key")
);
INSERT INTO "action_type" VALUES('trade_fair',NULL,10,0);
INSERT INTO "action_type" VALUES('phoning',NULL,20,0);
INSERT INTO "action_type" VALUES('e_mailing',NULL,30,0);
INSERT INTO "action_type" VALUES('conference',NULL,40,0);
INSERT INTO "action_type" VALUES('breakfast',NULL,50,0);
INSERT INTO "action_type" VALUES('in_store',NULL,60,0);
INSERT INTO "action_type" VALUES('commercial',NULL,70,0);
INSERT INTO "action_type" VALUES('advertisement',NULL,80,0);
INSERT INTO "action_type" VALUES('salesperson',NULL,90,0);
CREATE TABLE change (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	uuid VARCHAR(36) NOT NULL, 
	at DATETIME NOT NULL, 
	user_id INTEGER, 
	door VARCHAR(20) NOT NULL, 
	reason TEXT, 
	CONSTRAINT uq_change_uuid UNIQUE (uuid)
);
INSERT INTO "change" VALUES(1,'a95c9313-6ea5-4125-a29b-6d170bda22ab','2026-03-14 00:25:14.551934',NULL,'init',NULL);
INSERT INTO "change" VALUES(2,'49901d4f-e596-456e-b72e-56b2ec50ffbc','2026-03-14 00:25:14.594469',1,'plugin',NULL);
INSERT INTO "change" VALUES(3,'6a3ca3c6-26ee-4bc7-aee3-33f334f6025d','2026-03-14 00:25:14.659716',1,'plugin',NULL);
INSERT INTO "change" VALUES(4,'48c5cc77-056a-4e46-947d-4f3dd5f4127c','2026-03-14 00:25:14.717903',1,'plugin',NULL);
INSERT INTO "change" VALUES(5,'ab31cb71-a246-4d20-b6aa-21b2e6f63665','2026-03-14 00:25:14.770359',1,'api',NULL);
CREATE TABLE commercial_action (
	id INTEGER NOT NULL, 
	title TEXT NOT NULL, 
	goal TEXT, 
	start_date DATE NOT NULL, 
	end_date DATE NOT NULL, 
	description TEXT, 
	action_type_key VARCHAR(80), 
	segment_key VARCHAR(80), 
	expected_revenue BIGINT, 
	planned_cost BIGINT, 
	actual_cost BIGINT, 
	CONSTRAINT pk_commercial_action PRIMARY KEY (id), 
	CONSTRAINT ck_commercial_action_ends_after_start CHECK (end_date >= start_date), 
	CONSTRAINT fk_commercial_action_action_type_key FOREIGN KEY(action_type_key) REFERENCES action_type ("key"), 
	CONSTRAINT fk_commercial_action_id FOREIGN KEY(id) REFERENCES entity (id), 
	CONSTRAINT fk_commercial_action_segment_key FOREIGN KEY(segment_key) REFERENCES segment ("key")
);
INSERT INTO "commercial_action" VALUES(12,'Fair',NULL,'2026-03-01','2026-03-31',NULL,'trade_fair','museums',NULL,800000,NULL);
CREATE TABLE contact (
	id INTEGER NOT NULL, 
	first_name TEXT, 
	last_name TEXT NOT NULL, 
	job_title TEXT, 
	phone TEXT, 
	email TEXT, 
	CONSTRAINT pk_contact PRIMARY KEY (id), 
	CONSTRAINT fk_contact_id FOREIGN KEY(id) REFERENCES entity (id)
);
INSERT INTO "contact" VALUES(5,NULL,'Morel',NULL,NULL,'morel@example.com');
CREATE TABLE contact_role (
	"key" VARCHAR(80) NOT NULL, 
	labels JSON, 
	position INTEGER NOT NULL, 
	disabled BOOLEAN NOT NULL, 
	CONSTRAINT pk_contact_role PRIMARY KEY ("key")
);
INSERT INTO "contact_role" VALUES('decision_maker',NULL,10,0);
INSERT INTO "contact_role" VALUES('buyer',NULL,20,0);
INSERT INTO "contact_role" VALUES('user',NULL,30,0);
INSERT INTO "contact_role" VALUES('technical_adviser',NULL,40,0);
INSERT INTO "contact_role" VALUES('influencer',NULL,50,0);
INSERT INTO "contact_role" VALUES('business_introducer',NULL,60,0);
CREATE TABLE document_series (
	id INTEGER NOT NULL, 
	owner_id INTEGER NOT NULL, 
	document_type VARCHAR(60) NOT NULL, 
	year BIGINT NOT NULL, 
	last_number BIGINT NOT NULL, 
	last_date DATE NOT NULL, 
	CONSTRAINT pk_document_series PRIMARY KEY (id), 
	CONSTRAINT fk_document_series_owner_id FOREIGN KEY(owner_id) REFERENCES entity (id), 
	CONSTRAINT uq_document_series_owner_id_document_type_year UNIQUE (owner_id, document_type, year)
);
INSERT INTO "document_series" VALUES(18,2,'invoice',2026,1,'2026-03-14');
CREATE TABLE entity (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	type VARCHAR(60) NOT NULL, 
	label TEXT NOT NULL, 
	label_key TEXT NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	owner_id INTEGER, 
	created_at DATETIME NOT NULL, 
	modified_at DATETIME NOT NULL, 
	version INTEGER NOT NULL, 
	external_system VARCHAR(60), 
	external_id VARCHAR(200), 
	CONSTRAINT fk_entity_owner_id FOREIGN KEY(owner_id) REFERENCES entity (id)
);
INSERT INTO "entity" VALUES(1,'user','alice','alice','EUR',NULL,'2026-03-14 00:25:14.551934','2026-03-14 00:25:14.551934',1,NULL,NULL);
INSERT INTO "entity" VALUES(2,'organisation','Ours','ours','EUR',1,'2026-03-14 00:25:14.770359','2026-03-14 00:25:14.770359',1,NULL,NULL);
INSERT INTO "entity" VALUES(3,'organisation','SNCF','sncf','EUR',1,'2026-03-14 00:25:14.770359','2026-03-14 00:25:14.770359',1,NULL,NULL);
INSERT INTO "entity" VALUES(4,'organisation','Gone','gone','EUR',1,'2026-03-14 00:25:14.770359','2026-03-14 00:25:14.770359',1,NULL,NULL);
INSERT INTO "entity" VALUES(5,'contact','Morel','morel','EUR',1,'2026-03-14 00:25:14.770359','2026-03-14 00:25:14.770359',1,NULL,NULL);
INSERT INTO "entity" VALUES(6,'opportunity','CRM','crm','EUR',1,'2026-03-14 00:25:14.770359','2026-03-14 00:25:14.770359',1,NULL,NULL);
INSERT INTO "entity" VALUES(8,'opportunity','Old CRM','old crm','EUR',1,'2026-03-14 00:25:14.770359','2026-03-14 00:25:14.770359',1,NULL,NULL);
INSERT INTO "entity" VALUES(10,'opportunity','Portal','portal','EUR',1,'2026-03-14 00:25:14.770359','2026-03-14 00:25:14.770359',1,NULL,NULL);
INSERT INTO "entity" VALUES(12,'commercial_action','Fair','fair','EUR',1,'2026-03-14 00:25:14.770359','2026-03-14 00:25:14.770359',4,NULL,NULL);
INSERT INTO "entity" VALUES(16,'quote','2026-03-14 100.00 EUR','2026-03-14 100.00 eur','EUR',1,'2026-03-14 00:25:14.770359','2026-03-14 00:25:14.770359',2,NULL,NULL);
INSERT INTO "entity" VALUES(17,'invoice','F-2026-0001','f-2026-0001','EUR',1,'2026-03-14 00:25:14.770359','2026-03-14 00:25:14.770359',2,NULL,NULL);
CREATE TABLE entry (
	id INTEGER NOT NULL, 
	change_id INTEGER NOT NULL, 
	entity_id INTEGER, 
	other_id INTEGER, 
	action VARCHAR(20) NOT NULL, 
	about VARCHAR(200), 
	"values" JSON, 
	CONSTRAINT pk_entry PRIMARY KEY (id), 
	CONSTRAINT fk_entry_change_id FOREIGN KEY(change_id) REFERENCES change (id)
);
INSERT INTO "entry" VALUES(1,1,1,NULL,'create',NULL,'{"name": [null, "alice"], "administrator": [null, true], "disabled": [null, false], "currency": [null, "EUR"], "label": [null, "alice"]}');
INSERT INTO "entry" VALUES(2,2,NULL,NULL,'create','list:sector:agriculture','{"order": [null, 10]}');
INSERT INTO "entry" VALUES(3,2,NULL,NULL,'create','list:sector:construction','{"order": [null, 20]}');
INSERT INTO "entry" VALUES(4,2,NULL,NULL,'create','list:sector:education','{"order": [null, 30]}');
INSERT INTO "entry" VALUES(5,2,NULL,NULL,'create','list:sector:energy','{"order": [null, 40]}');
INSERT INTO "entry" VALUES(6,2,NULL,NULL,'create','list:sector:finance','{"order": [null, 50]}');
INSERT INTO "entry" VALUES(7,2,NULL,NULL,'create','list:sector:health','{"order": [null, 60]}');
INSERT INTO "entry" VALUES(8,2,NULL,NULL,'create','list:sector:industry','{"order": [null, 70]}');
INSERT INTO "entry" VALUES(9,2,NULL,NULL,'create','list:sector:public','{"order": [null, 80]}');
INSERT INTO "entry" VALUES(10,2,NULL,NULL,'create','list:sector:retail','{"order": [null, 90]}');
INSERT INTO "entry" VALUES(11,2,NULL,NULL,'create','list:sector:services','{"order": [null, 100]}');
INSERT INTO "entry" VALUES(12,2,NULL,NULL,'create','list:sector:technology','{"order": [null, 110]}');
INSERT INTO "entry" VALUES(13,2,NULL,NULL,'create','list:sector:telecommunications','{"order": [null, 120]}');
INSERT INTO "entry" VALUES(14,2,NULL,NULL,'create','list:sector:tourism','{"order": [null, 130]}');
INSERT INTO "entry" VALUES(15,2,NULL,NULL,'create','list:sector:transport','{"order": [null, 140]}');
INSERT INTO "entry" VALUES(16,3,NULL,NULL,'create','list:sales_phase:prospecting','{"order": [null, 10], "outcome": [null, "open"], "probability": [null, 10]}');
INSERT INTO "entry" VALUES(17,3,NULL,NULL,'create','list:sales_phase:qualified','{"order": [null, 20], "outcome": [null, "open"], "probability": [null, 25]}');
INSERT INTO "entry" VALUES(18,3,NULL,NULL,'create','list:sales_phase:proposal','{"order": [null, 30], "outcome": [null, "open"], "probability": [null, 50]}');
INSERT INTO "entry" VALUES(19,3,NULL,NULL,'create','list:sales_phase:negotiation','{"order": [null, 40], "outcome": [null, "open"], "probability": [null, 75]}');
INSERT INTO "entry" VALUES(20,3,NULL,NULL,'create','list:sales_phase:won','{"order": [null, 50], "outcome": [null, "won"], "probability": [null, 100]}');
INSERT INTO "entry" VALUES(21,3,NULL,NULL,'create','list:sales_phase:lost','{"order": [null, 60], "outcome": [null, "lost"], "probability": [null, 0]}');
INSERT INTO "entry" VALUES(22,3,NULL,NULL,'create','list:sales_phase:cancelled','{"order": [null, 70], "outcome": [null, "cancelled"], "probability": [null, 0]}');
INSERT INTO "entry" VALUES(23,3,NULL,NULL,'create','list:loss_reason:price','{"order": [null, 10]}');
INSERT INTO "entry" VALUES(24,3,NULL,NULL,'create','list:loss_reason:competitor','{"order": [null, 20]}');
INSERT INTO "entry" VALUES(25,3,NULL,NULL,'create','list:loss_reason:no_budget','{"order": [null, 30]}');
INSERT INTO "entry" VALUES(26,3,NULL,NULL,'create','list:loss_reason:no_need','{"order": [null, 40]}');
INSERT INTO "entry" VALUES(27,3,NULL,NULL,'create','list:loss_reason:unsuitable','{"order": [null, 50]}');
INSERT INTO "entry" VALUES(28,3,NULL,NULL,'create','list:loss_reason:timing','{"order": [null, 60]}');
INSERT INTO "entry" VALUES(29,3,NULL,NULL,'create','list:loss_reason:no_answer','{"order": [null, 70]}');
INSERT INTO "entry" VALUES(30,3,NULL,NULL,'create','list:loss_reason:other','{"order": [null, 80]}');
INSERT INTO "entry" VALUES(31,3,NULL,NULL,'create','list:origin:enquiry','{"order": [null, 10]}');
INSERT INTO "entry" VALUES(32,3,NULL,NULL,'create','list:origin:website','{"order": [null, 20]}');
INSERT INTO "entry" VALUES(33,3,NULL,NULL,'create','list:origin:referral','{"order": [null, 30]}');
INSERT INTO "entry" VALUES(34,3,NULL,NULL,'create','list:origin:existing_customer','{"order": [null, 40]}');
INSERT INTO "entry" VALUES(35,3,NULL,NULL,'create','list:origin:partner','{"order": [null, 50]}');
INSERT INTO "entry" VALUES(36,3,NULL,NULL,'create','list:origin:trade_fair','{"order": [null, 60]}');
INSERT INTO "entry" VALUES(37,3,NULL,NULL,'create','list:origin:campaign','{"order": [null, 70]}');
INSERT INTO "entry" VALUES(38,3,NULL,NULL,'create','list:origin:cold_call','{"order": [null, 80]}');
INSERT INTO "entry" VALUES(39,3,NULL,NULL,'create','list:origin:tender','{"order": [null, 90]}');
INSERT INTO "entry" VALUES(40,3,NULL,NULL,'create','list:contact_role:decision_maker','{"order": [null, 10]}');
INSERT INTO "entry" VALUES(41,3,NULL,NULL,'create','list:contact_role:buyer','{"order": [null, 20]}');
INSERT INTO "entry" VALUES(42,3,NULL,NULL,'create','list:contact_role:user','{"order": [null, 30]}');
INSERT INTO "entry" VALUES(43,3,NULL,NULL,'create','list:contact_role:technical_adviser','{"order": [null, 40]}');
INSERT INTO "entry" VALUES(44,3,NULL,NULL,'create','list:contact_role:influencer','{"order": [null, 50]}');
INSERT INTO "entry" VALUES(45,3,NULL,NULL,'create','list:contact_role:business_introducer','{"order": [null, 60]}');
INSERT INTO "entry" VALUES(46,4,NULL,NULL,'create','list:action_type:trade_fair','{"order": [null, 10]}');
INSERT INTO "entry" VALUES(47,4,NULL,NULL,'create','list:action_type:phoning','{"order": [null, 20]}');
INSERT INTO "entry" VALUES(48,4,NULL,NULL,'create','list:action_type:e_mailing','{"order": [null, 30]}');
INSERT INTO "entry" VALUES(49,4,NULL,NULL,'create','list:action_type:conference','{"order": [null, 40]}');
INSERT INTO "entry" VALUES(50,4,NULL,NULL,'create','list:action_type:breakfast','{"order": [null, 50]}');
INSERT INTO "entry" VALUES(51,4,NULL,NULL,'create','list:action_type:in_store','{"order": [null, 60]}');
INSERT INTO "entry" VALUES(52,4,NULL,NULL,'create','list:action_type:commercial','{"order": [null, 70]}');
INSERT INTO "entry" VALUES(53,4,NULL,NULL,'create','list:action_type:advertisement','{"order": [null, 80]}');
INSERT INTO "entry" VALUES(54,4,NULL,NULL,'create','list:action_type:salesperson','{"order": [null, 90]}');
INSERT INTO "entry" VALUES(55,5,NULL,NULL,'edit','list:sales_phase:proposal','{"labels": [null, {"": "Offer sent"}]}');
INSERT INTO "entry" VALUES(56,5,NULL,NULL,'create','list:segment:museums','{"labels": [null, {"": "Museums"}], "order": [null, 10]}');
INSERT INTO "entry" VALUES(57,5,2,NULL,'create',NULL,'{"name": [null, "Ours"], "ours": [null, true], "siren": [null, "732829320"], "siret": [null, "73282932000074"], "owner": [null, 1], "currency": [null, "EUR"], "label": [null, "Ours"]}');
INSERT INTO "entry" VALUES(58,5,3,NULL,'create',NULL,'{"name": [null, "SNCF"], "ours": [null, false], "sector": [null, "transport"], "owner": [null, 1], "currency": [null, "EUR"], "label": [null, "SNCF"]}');
INSERT INTO "entry" VALUES(59,5,4,NULL,'create',NULL,'{"name": [null, "Gone"], "ours": [null, false], "owner": [null, 1], "currency": [null, "EUR"], "label": [null, "Gone"]}');
INSERT INTO "entry" VALUES(60,5,5,NULL,'create',NULL,'{"last_name": [null, "Morel"], "email": [null, "morel@example.com"], "owner": [null, 1], "currency": [null, "EUR"], "label": [null, "Morel"]}');
INSERT INTO "entry" VALUES(61,5,5,3,'link','works_for',NULL);
INSERT INTO "entry" VALUES(62,5,6,NULL,'create',NULL,'{"name": [null, "CRM"], "target": [null, 3], "phase": [null, "proposal"], "start_date": [null, "2026-03-14"], "expected_revenue": [null, {"amount": "60000.00", "currency": "EUR"}], "owner": [null, 1], "currency": [null, "EUR"], "label": [null, "CRM"]}');
INSERT INTO "entry" VALUES(63,5,6,NULL,'add','phase_change:7','{"to_phase": [null, "proposal"], "at": [null, "2026-03-14"], "by": [null, 1], "amount": [null, {"amount": "60000.00", "currency": "EUR"}], "probability": [null, 50]}');
INSERT INTO "entry" VALUES(64,5,8,NULL,'create',NULL,'{"name": [null, "Old CRM"], "target": [null, 3], "phase": [null, "lost"], "start_date": [null, "2026-03-14"], "close_date": [null, "2026-03-14"], "loss_reason": [null, "price"], "owner": [null, 1], "currency": [null, "EUR"], "label": [null, "Old CRM"]}');
INSERT INTO "entry" VALUES(65,5,8,NULL,'add','phase_change:9','{"to_phase": [null, "lost"], "at": [null, "2026-03-14"], "by": [null, 1], "probability": [null, 0]}');
INSERT INTO "entry" VALUES(66,5,10,NULL,'create',NULL,'{"name": [null, "Portal"], "target": [null, 5], "phase": [null, "won"], "start_date": [null, "2026-03-14"], "close_date": [null, "2026-03-14"], "expected_revenue": [null, {"amount": "500.00", "currency": "EUR"}], "final_revenue": [null, {"amount": "500.00", "currency": "EUR"}], "owner": [null, 1], "currency": [null, "EUR"], "label": [null, "Portal"]}');
INSERT INTO "entry" VALUES(67,5,10,NULL,'add','phase_change:11','{"to_phase": [null, "won"], "at": [null, "2026-03-14"], "by": [null, 1], "amount": [null, {"amount": "500.00", "currency": "EUR"}], "probability": [null, 100]}');
INSERT INTO "entry" VALUES(68,5,5,6,'link','involved_in','{"role": [null, "buyer"]}');
INSERT INTO "entry" VALUES(69,5,6,8,'link','follows_up',NULL);
INSERT INTO "entry" VALUES(70,5,12,NULL,'create',NULL,'{"title": [null, "Fair"], "action_type": [null, "trade_fair"], "segment": [null, "museums"], "start_date": [null, "2026-03-01"], "end_date": [null, "2026-03-31"], "planned_cost": [null, {"amount": "8000.00", "currency": "EUR"}], "owner": [null, 1], "currency": [null, "EUR"], "label": [null, "Fair"]}');
INSERT INTO "entry" VALUES(71,5,6,12,'link','fulfils_goal',NULL);
INSERT INTO "entry" VALUES(72,5,8,12,'link','fulfils_goal',NULL);
INSERT INTO "entry" VALUES(73,5,12,NULL,'add','objective:13','{"name": [null, "Deals"], "target": [null, "3"], "counts": [null, "opportunity"], "condition": [null, "won"], "is_amount": [null, false]}');
INSERT INTO "entry" VALUES(74,5,12,NULL,'add','objective:14','{"name": [null, "Offers"], "target": [null, "2"], "counts": [null, "opportunity"], "where": [null, "phase = proposal"], "is_amount": [null, false]}');
INSERT INTO "entry" VALUES(75,5,12,NULL,'add','objective:15','{"name": [null, "Handshakes"], "target": [null, "10"], "value": [null, 0], "is_amount": [null, false]}');
INSERT INTO "entry" VALUES(76,5,16,NULL,'create',NULL,'{"customer": [null, 3], "issuer": [null, 2], "date": [null, "2026-03-14"], "net": [null, {"amount": "100.00", "currency": "EUR"}], "vat": [null, {"amount": "20.00", "currency": "EUR"}], "gross": [null, {"amount": "120.00", "currency": "EUR"}], "state": [null, "draft"], "owner": [null, 1], "currency": [null, "EUR"], "label": [null, "2026-03-14 100.00 EUR"]}');
INSERT INTO "entry" VALUES(77,5,16,NULL,'edit',NULL,'{"state": ["draft", "sent"], "sent_on": [null, "2026-03-14"]}');
INSERT INTO "entry" VALUES(78,5,17,NULL,'create',NULL,'{"customer": [null, 3], "issuer": [null, 2], "date": [null, "2026-03-14"], "net": [null, {"amount": "100.00", "currency": "EUR"}], "vat": [null, {"amount": "20.00", "currency": "EUR"}], "gross": [null, {"amount": "120.00", "currency": "EUR"}], "state": [null, "draft"], "owner": [null, 1], "currency": [null, "EUR"], "label": [null, "2026-03-14 100.00 EUR"]}');
INSERT INTO "entry" VALUES(79,5,17,NULL,'edit',NULL,'{"label": ["2026-03-14 100.00 EUR", "F-2026-0001"], "number": [null, "F-2026-0001"], "state": ["draft", "issued"], "issued_on": [null, "2026-03-14"]}');
INSERT INTO "entry" VALUES(80,5,2,NULL,'add','document_series:18','{"document_type": [null, "invoice"], "year": [null, 2026], "last_number": [null, 1], "last_date": [null, "2026-03-14"]}');
INSERT INTO "entry" VALUES(81,5,4,NULL,'delete',NULL,NULL);
CREATE TABLE install (
	"key" VARCHAR(40) NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_install PRIMARY KEY ("key")
);
INSERT INTO "install" VALUES('format','1');
INSERT INTO "install" VALUES('id','df98718e-4c9c-4f38-b594-934fd59ed165');
INSERT INTO "install" VALUES('generation','6');
CREATE TABLE invoice (
	id INTEGER NOT NULL, 
	number TEXT, 
	subject TEXT, 
	date DATE NOT NULL, 
	due_date DATE, 
	state VARCHAR(40) NOT NULL, 
	issued_on DATE, 
	paid_on DATE, 
	customer_id BIGINT NOT NULL, 
	issuer_id BIGINT, 
	net BIGINT, 
	vat BIGINT, 
	gross BIGINT, 
	CONSTRAINT pk_invoice PRIMARY KEY (id), 
	CONSTRAINT fk_invoice_customer_id FOREIGN KEY(customer_id) REFERENCES entity (id), 
	CONSTRAINT fk_invoice_id FOREIGN KEY(id) REFERENCES entity (id), 
	CONSTRAINT fk_invoice_issuer_id FOREIGN KEY(issuer_id) REFERENCES entity (id), 
	CONSTRAINT uq_invoice_issuer_id_number UNIQUE (issuer_id, number)
);
INSERT INTO "invoice" VALUES(17,'F-2026-0001',NULL,'2026-03-14',NULL,'issued','2026-03-14',NULL,3,2,10000,2000,12000);
CREATE TABLE link (
	subject_id INTEGER NOT NULL, 
	type VARCHAR(60) NOT NULL, 
	object_id INTEGER NOT NULL, 
	subject_type VARCHAR(60) NOT NULL, 
	object_type VARCHAR(60) NOT NULL, 
	attributes JSON, 
	created_at DATETIME NOT NULL, 
	change_id INTEGER NOT NULL, 
	CONSTRAINT pk_link PRIMARY KEY (subject_id, type, object_id), 
	CONSTRAINT fk_link_change_id FOREIGN KEY(change_id) REFERENCES change (id), 
	CONSTRAINT fk_link_object_id FOREIGN KEY(object_id) REFERENCES entity (id), 
	CONSTRAINT fk_link_subject_id FOREIGN KEY(subject_id) REFERENCES entity (id)
)
 WITHOUT ROWID

;
INSERT INTO "link" VALUES(5,'involved_in',6,'contact','opportunity','{"role": "buyer"}','2026-03-14 00:25:14.770359',5);
INSERT INTO "link" VALUES(5,'works_for',3,'contact','organisation',NULL,'2026-03-14 00:25:14.770359',5);
INSERT INTO "link" VALUES(6,'follows_up',8,'opportunity','opportunity',NULL,'2026-03-14 00:25:14.770359',5);
INSERT INTO "link" VALUES(6,'fulfils_goal',12,'opportunity','commercial_action',NULL,'2026-03-14 00:25:14.770359',5);
INSERT INTO "link" VALUES(8,'fulfils_goal',12,'opportunity','commercial_action',NULL,'2026-03-14 00:25:14.770359',5);
CREATE TABLE loss_reason (
	"key" VARCHAR(80) NOT NULL, 
	labels JSON, 
	position INTEGER NOT NULL, 
	disabled BOOLEAN NOT NULL, 
	CONSTRAINT pk_loss_reason PRIMARY KEY ("key")
);
INSERT INTO "loss_reason" VALUES('price',NULL,10,0);
INSERT INTO "loss_reason" VALUES('competitor',NULL,20,0);
INSERT INTO "loss_reason" VALUES('no_budget',NULL,30,0);
INSERT INTO "loss_reason" VALUES('no_need',NULL,40,0);
INSERT INTO "loss_reason" VALUES('unsuitable',NULL,50,0);
INSERT INTO "loss_reason" VALUES('timing',NULL,60,0);
INSERT INTO "loss_reason" VALUES('no_answer',NULL,70,0);
INSERT INTO "loss_reason" VALUES('other',NULL,80,0);
CREATE TABLE objective (
	id INTEGER NOT NULL, 
	owner_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	target BIGINT NOT NULL, 
	value BIGINT, 
	counts VARCHAR(60), 
	condition TEXT, 
	"where" JSON, 
	sum TEXT, 
	counter TEXT, 
	is_amount BOOLEAN NOT NULL, 
	CONSTRAINT pk_objective PRIMARY KEY (id), 
	CONSTRAINT ck_objective_one_way_to_count CHECK (counts IS NULL OR counter IS NULL), 
	CONSTRAINT ck_objective_target_above_zero CHECK (target > 0), 
	CONSTRAINT ck_objective_value_from_zero CHECK (value >= 0), 
	CONSTRAINT fk_objective_owner_id FOREIGN KEY(owner_id) REFERENCES entity (id)
);
INSERT INTO "objective" VALUES(13,12,'Deals',30000,NULL,'opportunity','won',NULL,NULL,NULL,0);
INSERT INTO "objective" VALUES(14,12,'Offers',20000,NULL,'opportunity',NULL,'["=", "phase", "proposal"]',NULL,NULL,0);
INSERT INTO "objective" VALUES(15,12,'Handshakes',100000,0,NULL,NULL,NULL,NULL,NULL,0);
CREATE TABLE opportunity (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	start_date DATE NOT NULL, 
	expected_close_date DATE, 
	close_date DATE, 
	probability BIGINT, 
	description TEXT, 
	corrections BIGINT, 
	correction_reason TEXT, 
	target_id BIGINT NOT NULL, 
	phase_key VARCHAR(80) NOT NULL, 
	expected_revenue BIGINT, 
	final_revenue BIGINT, 
	loss_reason_key VARCHAR(80), 
	origin_key VARCHAR(80), 
	CONSTRAINT pk_opportunity PRIMARY KEY (id), 
	CONSTRAINT fk_opportunity_id FOREIGN KEY(id) REFERENCES entity (id), 
	CONSTRAINT fk_opportunity_loss_reason_key FOREIGN KEY(loss_reason_key) REFERENCES loss_reason ("key"), 
	CONSTRAINT fk_opportunity_origin_key FOREIGN KEY(origin_key) REFERENCES origin ("key"), 
	CONSTRAINT fk_opportunity_phase_key FOREIGN KEY(phase_key) REFERENCES sales_phase ("key"), 
	CONSTRAINT fk_opportunity_target_id FOREIGN KEY(target_id) REFERENCES entity (id)
);
INSERT INTO "opportunity" VALUES(6,'CRM','2026-03-14',NULL,NULL,NULL,NULL,NULL,NULL,3,'proposal',6000000,NULL,NULL,NULL);
INSERT INTO "opportunity" VALUES(8,'Old CRM','2026-03-14',NULL,'2026-03-14',NULL,NULL,NULL,NULL,3,'lost',NULL,NULL,'price',NULL);
INSERT INTO "opportunity" VALUES(10,'Portal','2026-03-14',NULL,'2026-03-14',NULL,NULL,NULL,NULL,5,'won',50000,50000,NULL,NULL);
CREATE TABLE organisation (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	ours BOOLEAN NOT NULL, 
	website TEXT, 
	phone TEXT, 
	email TEXT, 
	address TEXT, 
	siren TEXT, 
	siret TEXT, 
	vat_number TEXT, 
	sector_key VARCHAR(80), 
	CONSTRAINT pk_organisation PRIMARY KEY (id), 
	CONSTRAINT fk_organisation_id FOREIGN KEY(id) REFERENCES entity (id), 
	CONSTRAINT fk_organisation_sector_key FOREIGN KEY(sector_key) REFERENCES sector ("key")
);
INSERT INTO "organisation" VALUES(2,'Ours',1,NULL,NULL,NULL,NULL,'732829320','73282932000074',NULL,NULL);
INSERT INTO "organisation" VALUES(3,'SNCF',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'transport');
INSERT INTO "organisation" VALUES(4,'Gone',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE origin (
	"key" VARCHAR(80) NOT NULL, 
	labels JSON, 
	position INTEGER NOT NULL, 
	disabled BOOLEAN NOT NULL, 
	CONSTRAINT pk_origin PRIMARY KEY ("key")
);
INSERT INTO "origin" VALUES('enquiry',NULL,10,0);
INSERT INTO "origin" VALUES('website',NULL,20,0);
INSERT INTO "origin" VALUES('referral',NULL,30,0);
INSERT INTO "origin" VALUES('existing_customer',NULL,40,0);
INSERT INTO "origin" VALUES('partner',NULL,50,0);
INSERT INTO "origin" VALUES('trade_fair',NULL,60,0);
INSERT INTO "origin" VALUES('campaign',NULL,70,0);
INSERT INTO "origin" VALUES('cold_call',NULL,80,0);
INSERT INTO "origin" VALUES('tender',NULL,90,0);
CREATE TABLE phase_change (
	id INTEGER NOT NULL, 
	owner_id INTEGER NOT NULL, 
	at DATE NOT NULL, 
	probability BIGINT, 
	reason TEXT, 
	from_phase_key VARCHAR(80), 
	to_phase_key VARCHAR(80) NOT NULL, 
	by_id BIGINT, 
	amount BIGINT, 
	CONSTRAINT pk_phase_change PRIMARY KEY (id), 
	CONSTRAINT fk_phase_change_by_id FOREIGN KEY(by_id) REFERENCES entity (id), 
	CONSTRAINT fk_phase_change_from_phase_key FOREIGN KEY(from_phase_key) REFERENCES sales_phase ("key"), 
	CONSTRAINT fk_phase_change_owner_id FOREIGN KEY(owner_id) REFERENCES entity (id), 
	CONSTRAINT fk_phase_change_to_phase_key FOREIGN KEY(to_phase_key) REFERENCES sales_phase ("key")
);
INSERT INTO "phase_change" VALUES(7,6,'2026-03-14',50,NULL,NULL,'proposal',1,6000000);
INSERT INTO "phase_change" VALUES(9,8,'2026-03-14',0,NULL,NULL,'lost',1,NULL);
INSERT INTO "phase_change" VALUES(11,10,'2026-03-14',100,NULL,NULL,'won',1,50000);
CREATE TABLE plugin (
	name VARCHAR(60) NOT NULL, 
	enabled BOOLEAN NOT NULL, 
	position INTEGER NOT NULL, 
	version VARCHAR(40) NOT NULL, 
	revision VARCHAR(40), 
	tables JSON NOT NULL, 
	CONSTRAINT pk_plugin PRIMARY KEY (name)
);
INSERT INTO "plugin" VALUES('core',1,0,'0.1.0','0001','["change", "entity", "install", "plugin", "setting", "entry", "link", "trash", "user"]');
INSERT INTO "plugin" VALUES('persons',1,1,'0.1.0','0001','["sector", "organisation", "contact", "relation:works_for", "relation:manages", "relation:customer_of", "relation:prospect_of", "relation:subsidiary_of"]');
INSERT INTO "plugin" VALUES('opportunities',1,2,'0.1.0','0001','["sales_phase", "loss_reason", "origin", "contact_role", "opportunity", "phase_change", "relation:follows_up", "relation:involved_in"]');
INSERT INTO "plugin" VALUES('commercial_actions',1,3,'0.1.0','0001','["action_type", "segment", "commercial_action", "objective", "relation:fulfils_goal"]');
INSERT INTO "plugin" VALUES('documents',1,4,'0.1.0','0001','["quote", "invoice", "document_series", "relation:raised_for"]');
INSERT INTO "plugin" VALUES('demo',1,5,'0.1.0',NULL,'[]');
CREATE TABLE quote (
	id INTEGER NOT NULL, 
	number TEXT, 
	subject TEXT, 
	date DATE NOT NULL, 
	due_date DATE, 
	state VARCHAR(40) NOT NULL, 
	sent_on DATE, 
	accepted_on DATE, 
	refused_on DATE, 
	expired_on DATE, 
	customer_id BIGINT NOT NULL, 
	issuer_id BIGINT, 
	net BIGINT, 
	vat BIGINT, 
	gross BIGINT, 
	CONSTRAINT pk_quote PRIMARY KEY (id), 
	CONSTRAINT fk_quote_customer_id FOREIGN KEY(customer_id) REFERENCES entity (id), 
	CONSTRAINT fk_quote_id FOREIGN KEY(id) REFERENCES entity (id), 
	CONSTRAINT fk_quote_issuer_id FOREIGN KEY(issuer_id) REFERENCES entity (id)
);
INSERT INTO "quote" VALUES(16,NULL,NULL,'2026-03-14',NULL,'sent','2026-03-14',NULL,NULL,NULL,3,2,10000,2000,12000);
CREATE TABLE sales_phase (
	"key" VARCHAR(80) NOT NULL, 
	outcome VARCHAR(40) NOT NULL, 
	probability BIGINT, 
	labels JSON, 
	position INTEGER NOT NULL, 
	disabled BOOLEAN NOT NULL, 
	CONSTRAINT pk_sales_phase PRIMARY KEY ("key")
);
INSERT INTO "sales_phase" VALUES('prospecting','open',10,NULL,10,0);
INSERT INTO "sales_phase" VALUES('qualified','open',25,NULL,20,0);
INSERT INTO "sales_phase" VALUES('proposal','open',50,'{"": "Offer sent"}',30,0);
INSERT INTO "sales_phase" VALUES('negotiation','open',75,NULL,40,0);
INSERT INTO "sales_phase" VALUES('won','won',100,NULL,50,0);
INSERT INTO "sales_phase" VALUES('lost','lost',0,NULL,60,0);
INSERT INTO "sales_phase" VALUES('cancelled','cancelled',0,NULL,70,0);
CREATE TABLE sector (
	"key" VARCHAR(80) NOT NULL, 
	labels JSON, 
	position INTEGER NOT NULL, 
	disabled BOOLEAN NOT NULL, 
	CONSTRAINT pk_sector PRIMARY KEY ("key")
);
INSERT INTO "sector" VALUES('agriculture',NULL,10,0);
INSERT INTO "sector" VALUES('construction',NULL,20,0);
INSERT INTO "sector" VALUES('education',NULL,30,0);
INSERT INTO "sector" VALUES('energy',NULL,40,0);
INSERT INTO "sector" VALUES('finance',NULL,50,0);
INSERT INTO "sector" VALUES('health',NULL,60,0);
INSERT INTO "sector" VALUES('industry',NULL,70,0);
INSERT INTO "sector" VALUES('public',NULL,80,0);
INSERT INTO "sector" VALUES('retail',NULL,90,0);
INSERT INTO "sector" VALUES('services',NULL,100,0);
INSERT INTO "sector" VALUES('technology',NULL,110,0);
INSERT INTO "sector" VALUES('telecommunications',NULL,120,0);
INSERT INTO "sector" VALUES('tourism',NULL,130,0);
INSERT INTO "sector" VALUES('transport',NULL,140,0);
CREATE TABLE segment (
	"key" VARCHAR(80) NOT NULL, 
	labels JSON, 
	position INTEGER NOT NULL, 
	disabled BOOLEAN NOT NULL, 
	CONSTRAINT pk_segment PRIMARY KEY ("key")
);
INSERT INTO "segment" VALUES('museums','{"": "Museums"}',10,0);
CREATE TABLE setting (
	"key" VARCHAR(80) NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_setting PRIMARY KEY ("key")
);
INSERT INTO "setting" VALUES('currency','"EUR"');
INSERT INTO "setting" VALUES('language','"en"');
CREATE TABLE trash (
	entity_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	change_id INTEGER NOT NULL, 
	CONSTRAINT pk_trash PRIMARY KEY (entity_id), 
	CONSTRAINT fk_trash_change_id FOREIGN KEY(change_id) REFERENCES change (id), 
	CONSTRAINT fk_trash_entity_id FOREIGN KEY(entity_id) REFERENCES entity (id)
);
INSERT INTO "trash" VALUES(4,'2026-03-14 00:25:14.770359',5);
CREATE TABLE user (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	full_name TEXT, 
	email TEXT, 
	language VARCHAR(40), 
	administrator BOOLEAN NOT NULL, 
	disabled BOOLEAN NOT NULL, 
	CONSTRAINT pk_user PRIMARY KEY (id), 
	CONSTRAINT fk_user_id FOREIGN KEY(id) REFERENCES entity (id)
);
INSERT INTO "user" VALUES(1,'alice',NULL,NULL,NULL,1,0);
CREATE TABLE version_commercial_actions (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT version_commercial_actions_pkc PRIMARY KEY (version_num)
);
INSERT INTO "version_commercial_actions" VALUES('0001');
CREATE TABLE version_core (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT version_core_pkc PRIMARY KEY (version_num)
);
INSERT INTO "version_core" VALUES('0001');
CREATE TABLE version_documents (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT version_documents_pkc PRIMARY KEY (version_num)
);
INSERT INTO "version_documents" VALUES('0001');
CREATE TABLE version_opportunities (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT version_opportunities_pkc PRIMARY KEY (version_num)
);
INSERT INTO "version_opportunities" VALUES('0001');
CREATE TABLE version_persons (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT version_persons_pkc PRIMARY KEY (version_num)
);
INSERT INTO "version_persons" VALUES('0001');
CREATE UNIQUE INDEX ix_entity_external ON entity (external_system, external_id, type);
CREATE INDEX ix_entity_owner_id ON entity (owner_id);
CREATE INDEX ix_entity_type_label_key ON entity (type, label_key, id);
CREATE INDEX ix_entry_change_id ON entry (change_id);
CREATE INDEX ix_entry_entity_id ON entry (entity_id);
CREATE INDEX ix_entry_other_id ON entry (other_id);
CREATE INDEX ix_link_object ON link (object_id, type, subject_type, subject_id);
CREATE INDEX ix_opportunity_target_id ON opportunity (target_id);
CREATE INDEX ix_phase_change_by_id ON phase_change (by_id);
CREATE INDEX ix_phase_change_owner_id ON phase_change (owner_id);
CREATE INDEX ix_objective_owner_id ON objective (owner_id);
CREATE INDEX ix_document_series_owner_id ON document_series (owner_id);
CREATE INDEX ix_invoice_customer_id ON invoice (customer_id);
CREATE INDEX ix_invoice_issuer_id ON invoice (issuer_id);
CREATE INDEX ix_quote_customer_id ON quote (customer_id);
CREATE INDEX ix_quote_issuer_id ON quote (issuer_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('entity',18);
INSERT INTO "sqlite_sequence" VALUES('change',5);
COMMIT;
