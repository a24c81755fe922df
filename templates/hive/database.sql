SELECT 'CREATE ROLE hive LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'hive')
\gexec
ALTER ROLE hive PASSWORD '${setting.database_secret}';
SELECT 'CREATE DATABASE metastore OWNER hive' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'metastore')
\gexec
