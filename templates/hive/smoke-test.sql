CREATE DATABASE IF NOT EXISTS disco_smoke_test;
DROP TABLE IF EXISTS disco_smoke_test.numbers;
CREATE TABLE disco_smoke_test.numbers (word STRING, number INT);
INSERT INTO disco_smoke_test.numbers VALUES ('one', 1), ('forty', 40), ('one', 1);
SELECT concat('sum is ', sum(number)) FROM disco_smoke_test.numbers;
DROP DATABASE disco_smoke_test CASCADE;
