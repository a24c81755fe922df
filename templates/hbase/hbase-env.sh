# Read by every command of HBase; the services do not need it.
if [ -z "$JAVA_HOME" ]; then
  for java_home in /usr/lib/jvm/java-${version.java}-openjdk*; do
    if [ -x "$java_home/bin/java" ]; then
      export JAVA_HOME="$java_home"
      break
    fi
  done
fi
